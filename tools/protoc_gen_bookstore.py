"""A protoc plugin: messages, stubs and servicers in our own namespace, with their types.

protoc names a Python module after its file, so `book/v1/book.proto` would land in a top-level
package `book`. The files are moved, the packages stay: on the wire it is still `book.v1`.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet

NAMESPACE = "bookstore/contracts/proto"
BIN = Path(sys.executable).parent
OUTPUTS = ("python", "mypy", "grpc_python", "mypy_grpc")
PLUGINS = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")


def moved(name: str) -> str:
    """Say where a file goes; Google's own stay."""
    return name if name.startswith("google/") else f"{NAMESPACE}/{name}"


def generate(request: CodeGeneratorRequest, build: Path) -> None:
    """Let protoc write what was asked for, moved, into the folder."""
    files = FileDescriptorSet(file=request.proto_file)
    for file in files.file:
        file.name = moved(file.name)
        file.dependency[:] = [moved(dependency) for dependency in file.dependency]
    descriptors = build / "descriptors.binpb"
    descriptors.write_bytes(files.SerializeToString())
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={descriptors}"),
            *(f"--plugin={BIN / plugin}" for plugin in PLUGINS),
            *(f"--{output}_out={build}" for output in OUTPUTS),
            *(moved(name) for name in request.file_to_generate),
        ],
        check=True,
        stdout=sys.stderr,
    )


def main() -> None:
    """Answer one request of buf's."""
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    with TemporaryDirectory() as folder:
        build = Path(folder)
        generate(request, build)
        for path in sorted(build.rglob("*.py*")):
            # Where there is no service, nobody needs the files about services.
            if "_grpc" in path.name and "Stub" not in path.read_text():
                continue
            response.file.add(name=path.relative_to(build).as_posix(), content=path.read_text())
    sys.stdout.buffer.write(response.SerializeToString())


if __name__ == "__main__":
    main()
