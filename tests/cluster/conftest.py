"""The store in the cluster of KUBECONFIG, installed once for all tests."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.harness.cluster import Cluster, in_cluster
from tests.harness.people import Buyer, Staff
from tools.servers import conductor, envoy, keycloak, mysql
from tools.servers.conductor import running_conductor
from tools.servers.keycloak import running_keycloak


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("NOT TESTED IN A CLUSTER: KUBECONFIG names none")
    missing = (conductor.missing(), keycloak.missing(), mysql.missing("mariadb"), envoy.missing())
    if reasons := [reason for reason in missing if reason]:
        pytest.skip(f"NOT TESTED IN A CLUSTER: {', '.join(reasons)}")
    with (
        running_conductor(tmp_path_factory.mktemp("conductor")) as workflows,
        running_keycloak(tmp_path_factory.mktemp("keycloak") / "home") as realm,
        in_cluster(tmp_path_factory.mktemp("store"), workflows, realm) as cluster,
    ):
        yield cluster


@pytest.fixture
async def buyer(store: Cluster) -> AsyncIterator[Buyer]:
    async with Buyer(store.url) as buyer:
        yield buyer


@pytest.fixture
async def staff(store: Cluster) -> AsyncIterator[Staff]:
    async with Staff(store.url) as staff:
        yield staff
