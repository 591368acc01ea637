#!/bin/sh
# Signs an image, or sees that it is signed: sign.sh sign|verify KEY IMAGE [FOLDER]
#
# KEY is a file: cosign.key to sign with (COSIGN_PASSWORD opens it), cosign.pub to verify with. An
# image that a registry knows is signed there, by its digest and not by its name. Any other is
# written to FOLDER as a tar and signed beside it; that very file is what to pass on, by docker load.
# Nothing is told to a public log: the key is the only witness.
set -eu

COSIGN=${COSIGN:-cosign}
DOCKER=${DOCKER:-docker}
DIGESTS='{{range .RepoDigests}}{{println .}}{{end}}'

doing=$1 key=$2 image=$3 folder=${4:-build/images}
digest=$($DOCKER image inspect --format "$DIGESTS" "$image" | head -n 1)
name=$(basename "$image" | tr ':' '-')
tar=$folder/$name.tar

case $doing in
sign)
	if [ -n "$digest" ]; then
		"$COSIGN" sign --yes --tlog-upload=false --key "$key" "$digest"
	else
		mkdir -p "$folder"
		$DOCKER save --output "$tar" "$image"
		"$COSIGN" sign-blob --yes --tlog-upload=false --key "$key" --output-signature "$tar.sig" "$tar"
	fi
	;;
verify)
	if [ -n "$digest" ]; then
		"$COSIGN" verify --insecure-ignore-tlog --key "$key" "$digest"
	else
		"$COSIGN" verify-blob --insecure-ignore-tlog --key "$key" --signature "$tar.sig" "$tar"
	fi
	;;
*)
	sed -n '2,3s/^# //p' "$0" >&2
	exit 2
	;;
esac
