"""Which programs and schemas the ladder uses: Go modules, each with its version and checksum."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

KUBERNETES: Final = "1.35"


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module; `sum` is what go.sum would say of it."""

    path: str
    version: str
    sum: str

    @property
    def name(self) -> str:
        """Return what Go calls it."""
        return f"{self.path}@{self.version}"


# The Go command checks a program's own dependencies by the go.sum that comes with it.
PROGRAMS: Final[Mapping[str, str]] = {
    "helm": "helm.sh/helm/v4/cmd/helm@v4.3.1",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0",
    "yq": "github.com/mikefarah/yq/v4@v4.54.3",
    "hcl2json": "github.com/tmccombs/hcl2json@v0.6.8",
    "kustomize": "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1",
}

SPECIFICATION: Final = Module(
    "k8s.io/kubernetes", "v1.35.4", "h1:o/8dBC/pHVpYoGV4OAIytAlNPZbdYVTXJHoYvXC4qzM="
)
SWAGGER: Final = "api/openapi-spec/swagger.json"

# Where each project keeps its CRDs, as a beginning of the files' paths.
CRDS: Final[Mapping[Module, str]] = {
    Module(
        "istio.io/api", "v1.31.4", "h1:AcnncYrlDj1PJkym7h88Gggkef4MAra8QpGaXRMsr+E="
    ): "kubernetes/customresourcedefinitions.gen.yaml",
    Module(
        "github.com/cert-manager/cert-manager",
        "v1.21.2",
        "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
    ): "deploy/crds/",
    Module(
        "sigs.k8s.io/gateway-api", "v1.7.0", "h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY="
    ): "config/crd/standard/",
    Module(
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
    ): "example/prometheus-operator-crd/",
    Module(
        "github.com/tektoncd/pipeline", "v1.9.0", "h1:f/5Vwq1bF4eQQk3hiE7Y5fMvq1nJRTxqqhq5E9YZBeQ="
    ): "config/300-crds/",
    Module(
        "github.com/tektoncd/triggers",
        "v0.33.0",
        "h1:pG2Kz/2FHjysGG4GGhiGp9hHdwA8BLZI3H7m9U9sj4M=",
    ): "config/300-",
    Module(
        "github.com/argoproj/argo-cd/v3",
        "v3.6.1",
        "h1:OmhqeKiR3C//awbFrhQqFdtRI+Qiv17j8vqm3UkMj/g=",
    ): "manifests/crds/",
}
