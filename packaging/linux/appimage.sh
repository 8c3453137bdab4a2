#!/bin/bash
# Packs a built folder as an AppImage; needs appimagetool on the PATH. Untried.
# Usage: bash packaging/linux/appimage.sh FOLDER
set -euo pipefail
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
command -v appimagetool >/dev/null || { echo "appimagetool is not installed" >&2; exit 2; }
root=$(mktemp -d)
cp -a "$folder" "$root/framesift"
cp "$here/framesift.desktop" "$root/"
cp "$folder/_internal/framesift/resources/icons/framesift.svg" "$root/framesift.svg"
mkdir -p "$root/usr/share/mime/packages"
cp "$here/framesift.xml" "$root/usr/share/mime/packages/"
cat > "$root/AppRun" <<'RUN'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/framesift/framesift" "$@"
RUN
chmod +x "$root/AppRun"
appimagetool --no-appstream "$root" "$(basename "$folder").AppImage"
rm -rf "$root"
