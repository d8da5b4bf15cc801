#!/bin/sh
# Sees to it that ffmpeg and mkvtoolnix are there: installs them where it can do so without asking, else says how.
# Programs that are named as arguments are installed along where that can be done, and not missed where it cannot.
set -eu

missing=
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || missing=ffmpeg
command -v mkvmerge >/dev/null && command -v mkvpropedit >/dev/null || missing="$missing mkvtoolnix"
wished=
for program; do
    command -v "$program" >/dev/null || wished="$wished $program"
done
[ -n "$missing$wished" ] || exit 0

say() { echo "media-tools: $*" >&2; }
asroot= # how to become root; "no" when that takes a password
if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then asroot="sudo -n"; else asroot=no; fi
fi

if command -v apt-get >/dev/null && [ "$asroot" != no ]; then
    say "installing$(echo " $missing$wished" | tr -s ' ') with apt-get"
    install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing$wished"
    # A machine that was just made has no package lists.
    # shellcheck disable=SC2086
    $asroot $install >&2 2>/dev/null || { $asroot apt-get update -qq >&2 && $asroot $install >&2; } || [ -z "$missing" ]
    exit
fi
[ -n "$missing" ] || exit 0

say "please install:$(echo " $missing" | tr -s ' ')"
for manager in apt-get dnf pacman zypper brew; do
    command -v $manager >/dev/null || continue
    case $manager in
        apt-get) say "    sudo apt-get install $missing" ;;
        dnf) say "    sudo dnf install $missing   (full codecs: ffmpeg from RPM Fusion)" ;;
        pacman) say "    sudo pacman -S $(echo "$missing" | sed s/mkvtoolnix/mkvtoolnix-cli/)" ;;
        zypper) say "    sudo zypper install $missing" ;;
        brew) say "    brew install $missing" ;;
    esac
    exit 1
done
say "    https://ffmpeg.org/download.html   https://mkvtoolnix.download/downloads.html"
exit 1
