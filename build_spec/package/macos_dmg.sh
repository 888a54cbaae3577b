#!/bin/sh
# Disk image for macOS. NOT RUN YET: nobody has built or tried it.
# After `python3 build_spec/dev.py package`:  build_spec/package/macos_dmg.sh VERSION
# CODESIGN_IDENTITY, where it is set, names the certificate in the keychain that signs the program; no secret is an argument.
# Silent installation: hdiutil attach -nobrowse FILE.dmg; ditto /Volumes/Forensics/Forensics.app /Applications/Forensics.app
set -eu
version="${1:?usage: macos_dmg.sh VERSION}"
here="$(cd "$(dirname "$0")/../.." && pwd)"
app="$here/build/package/program/Forensics.app"
stage="$here/build/package/dmg"
target="$here/dist/forensics-app-$version.dmg"

[ -d "$app" ] || { echo "There is no $app; python3 build_spec/dev.py package makes it." >&2; exit 2; }
if [ -n "${CODESIGN_IDENTITY:-}" ]; then
    codesign --force --deep --options runtime --timestamp --sign "$CODESIGN_IDENTITY" "$app"
    codesign --verify --deep --strict "$app"
else
    echo "Not signed: CODESIGN_IDENTITY is not set. macOS asks whoever opens it." >&2
fi
rm -rf "$stage"
mkdir -p "$stage" "$here/dist"
ditto "$app" "$stage/Forensics.app"
ln -s /Applications "$stage/Applications"
rm -f "$target"
hdiutil create -volname Forensics -srcfolder "$stage" -fs HFS+ -format UDZO -imagekey zlib-level=9 "$target"
hdiutil verify "$target"
