"""The baseline: a bare Starlette application that says hello, on the same server as ours."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def hello(_request: Request) -> JSONResponse:
    """Say hello."""
    return JSONResponse({"hello": "world"})


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[Route("/", hello)]),
        port=int(sys.argv[1]),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        access_log=False,
        log_level="error",
    )
