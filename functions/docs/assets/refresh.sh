#!/bin/sh
# Fetches the two interfaces from the npm registry at the versions below and packs what is embedded.
set -eu

swagger_ui=5.35.0
redoc=2.5.4

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Unpacks one package into $work/<name>; npm checks its integrity against the registry and runs none of its scripts.
fetch() {
    archive=$(cd "$work" && npm pack --silent "$1@$2")
    mkdir "$work/$1"
    tar -xzf "$work/$archive" -C "$work/$1" --strip-components=1
}

# Packs one file; without a name or a time inside, the same version always gives the same bytes.
pack() {
    gzip -9 -n -c "$1" >"$here/$(basename "$1").gz"
}

fetch swagger-ui-dist "$swagger_ui"
fetch redoc "$redoc"

pack "$work/swagger-ui-dist/swagger-ui-bundle.js"
pack "$work/swagger-ui-dist/swagger-ui.css"
pack "$work/redoc/bundles/redoc.standalone.js"

licenses="$here/licenses"
mkdir -p "$licenses"
cp "$work/swagger-ui-dist/LICENSE" "$licenses/swagger-ui.txt"
cp "$work/swagger-ui-dist/NOTICE" "$licenses/swagger-ui-notice.txt"
cp "$work/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt" "$licenses/swagger-ui-parts.txt"
cp "$work/redoc/LICENSE" "$licenses/redoc.txt"
cp "$work/redoc/bundles/redoc.standalone.js.LICENSE.txt" "$licenses/redoc-parts.txt"
cat "$work"/redoc/bundles/*.worker.js.LICENSE.txt >>"$licenses/redoc-parts.txt"
