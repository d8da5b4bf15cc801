#!/bin/sh
# Makes a small library of real, varied videos with ffmpeg and mkvmerge.
#
#     scripts/demo-library.sh FOLDER
#
# About a dozen films of three seconds, a few megabytes in all. They are made once and copied from then on.
set -eu

library=$1
made=$(dirname "$1")/made
rm -rf "$library"
if [ "$made/complete" -nt "$0" ]; then
    cp -a "$made/library" "$library"
    exit 0
fi
rm -rf "$made"
mkdir -p "$made/library"
cd "$made"

ff() { ffmpeg -nostdin -hide_banner -v error -y -bitexact "$@"; }
# mkvmerge says with 1 that it had warnings.
mux() { output=$1 && shift && mkdir -p "$(dirname "library/$output")" && { mkvmerge -q --deterministic demo -o "library/$output" "$@" || [ $? -eq 1 ]; }; }

echo "making a small library of real videos (once)"

# Pictures, sounds and words to put together.
picture() { ff -f lavfi -i "$2=s=$3:r=24000/1001" -t 3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$1"; }
picture bars.mkv smptehdbars 640x360
picture test.mkv testsrc2 640x360
picture life.mkv mandelbrot 480x272
for tone in 330 440 550 660; do
    ff -f lavfi -i "sine=f=$tone:d=3" -c:a aac -b:a 48k "$tone.m4a"
done
ff -f lavfi -i "sine=f=220:d=3" -ac 6 -c:a ac3 -b:a 192k surround.ac3
ff -f lavfi -i "sine=f=500:d=3" -ac 2 -c:a flac stereo.flac
printf '1\n00:00:00,500 --> 00:00:01,500\nOnce upon a time\n\n2\n00:00:01,800 --> 00:00:02,800\nthere was a film.\n' >words.srt
printf '1\n00:00:01,000 --> 00:00:02,000\n[in Elvish] Who goes there?\n' >forced.srt
ff -i words.srt words.ass
ff -f lavfi -i "color=orange:s=300x450:d=1" -frames:v 1 cover.jpg
printf 'CHAPTER01=00:00:00.000\nCHAPTER01NAME=The beginning\nCHAPTER02=00:00:01.500\nCHAPTER02NAME=The end\n' >chapters.txt

# Films for children: the wanted language among others, in every place and flag it is found in.
mux "kids/The Snow Fox (2019).mkv" --title "The Snow Fox" bars.mkv \
    --language 0:jpn 330.m4a --language 0:eng --default-track-flag 0:0 440.m4a \
    --language 0:eng --default-track-flag 0:0 words.srt --language 0:jpn words.srt
mux "kids/Little Boats (2016).mkv" --title "Little Boats" test.mkv \
    --language 0:eng 440.m4a --language 0:fre --default-track-flag 0:0 550.m4a --language 0:ger --default-track-flag 0:0 660.m4a \
    --language 0:eng --default-track-flag 0:0 words.srt
mux "kids/The Elves' Tale (2021).mkv" --title "The Elves' Tale" life.mkv \
    --language 0:eng surround.ac3 \
    --language 0:eng --track-name 0:"Director's Commentary" --default-track-flag 0:0 330.m4a \
    --language 0:eng --default-track-flag 0:0 words.srt --language 0:eng --forced-display-flag 0:1 --default-track-flag 0:0 forced.srt
mux "kids/Robo Pals/Season 01/Robo Pals - S01E01 - Hello.mkv" bars.mkv --language 0:und 440.m4a
mux "kids/Robo Pals/Season 01/Robo Pals - S01E02 - Goodbye.mkv" test.mkv --language 0:en-GB 440.m4a --language 0:spa --default-track-flag 0:0 550.m4a
mux "kids/The Quiet Lake (1988).mkv" --title "The Quiet Lake" life.mkv --language 0:eng 440.m4a

# What else there is: attachments, chapters, high dynamic range, other containers.
mux "kids/Lanterns (2023).mkv" --title Lanterns --chapters chapters.txt bars.mkv \
    --language 0:jpn 330.m4a --language 0:eng --default-track-flag 0:0 440.m4a --language 0:jpn words.ass \
    --attachment-name cover.jpg --attachment-mime-type image/jpeg --attach-file cover.jpg
if ff -f lavfi -i "testsrc2=s=640x360:r=24:d=2" -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast \
    -x265-params "hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400:log-level=none" \
    -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc hdr.mkv 2>/dev/null; then
    mux "kids/Bright Desert (2022).mkv" --title "Bright Desert" hdr.mkv --language 0:eng stereo.flac
fi
mux "kids/Verloren (2011).mkv" --title Verloren test.mkv --language 0:ger 440.m4a --language 0:eng --default-track-flag 0:0 words.srt
ff -i life.mkv -i 440.m4a -map 0:v -map 1:a -c copy -metadata title="Phone Video" -metadata:s:a:0 language=eng "library/kids/Phone Video.mp4"
ff -i bars.mkv -map 0:v -c:v mpeg4 -vtag XVID -q:v 8 "library/kids/Old Tape.avi"
mkdir -p library/kids
ff -f lavfi -i "testsrc2=s=480x270:r=25:d=2" -f lavfi -i "sine=f=440:d=2" -c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k \
    -c:a libopus -b:a 32k "library/kids/Web Clip.webm"

rm -f ./*.mkv ./*.m4a ./*.ac3 ./*.flac ./*.srt ./*.ass ./*.jpg chapters.txt
touch complete
cp -a library "../$(basename "$library")"
