#!/bin/bash
# Signs dist/Framesift.app, has Apple notarise it, and packs it as a .dmg.
# Usage: IDENTITY="Developer ID Application: …" PROFILE=name bash packaging/macos/sign.sh VERSION
# PROFILE names credentials that were stored once with: xcrun notarytool store-credentials
set -euo pipefail
version=$1
: "${IDENTITY:?name the signing identity}" "${PROFILE:?name the notarytool profile}"
cd "$(dirname "$0")/../.."
app=dist/Framesift.app
entitlements=packaging/macos/entitlements.plist

# From the inside out: every library first, then the executable, then the whole.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) \
    ! -path "$app/Contents/MacOS/framesift" -print0 |
    while IFS= read -r -d '' file; do
        codesign --force --timestamp --options runtime --sign "$IDENTITY" "$file"
    done
codesign --force --timestamp --options runtime --entitlements "$entitlements" \
    --sign "$IDENTITY" "$app/Contents/MacOS/framesift"
codesign --force --timestamp --options runtime --entitlements "$entitlements" \
    --sign "$IDENTITY" "$app"
codesign --verify --deep --strict "$app"

dmg=dist/framesift-$version-macos-$(uname -m).dmg
rm -f "$dmg"
staging=$(mktemp -d)
cp -R "$app" "$staging/"
ln -s /Applications "$staging/Applications"
hdiutil create -volname "Framesift $version" -srcfolder "$staging" -format ULFO "$dmg"
rm -rf "$staging"
codesign --force --timestamp --sign "$IDENTITY" "$dmg"
xcrun notarytool submit "$dmg" --keychain-profile "$PROFILE" --wait
xcrun stapler staple "$dmg"
spctl --assess --type open --context context:primary-signature --verbose "$dmg"
