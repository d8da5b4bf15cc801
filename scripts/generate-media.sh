#!/usr/bin/env bash
# Makes about seventy small media files, each of which tells one thing that a reader of media files can get wrong.
#
#   scripts/generate-media.sh FOLDER
#
# Needs ffmpeg (with x264, x265, libopus, libmp3lame), mkvtoolnix and python3; takes some seconds and 27 MB. Most files come
# out the same byte for byte on every run; the rest hold random identifiers.
set -euo pipefail

folder=${1:?the folder to write to}
parts=$(cd "$(dirname "$0")" && pwd)/media-parts.py
mkdir -p "$folder"
cd "$folder"
work=$PWD/.work
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

ff() { ffmpeg -nostdin -hide_banner -v error -y -bitexact "$@"; }
# mkvmerge exits with 1 for warnings.
mm() { mkvmerge -q --deterministic vpo --disable-lacing "$@" || [ $? -eq 1 ]; }

picture=(-f lavfi -i "testsrc2=s=320x180:r=24000/1001:d=4")
sound() { echo "-f lavfi -i sine=f=$1:r=48000:d=4"; }
x264=(-c:v libx264 -preset ultrafast -pix_fmt yuv420p)
video=$work/v.h264
a440=$work/a440.m4a a550=$work/a550.m4a a660=$work/a660.m4a a770=$work/a770.m4a
srt=$work/s.srt

sources() {
  ff "${picture[@]}" "${x264[@]}" -g 24 "$video"
  ff "${picture[@]}" "${x264[@]}" -g 24 "$work/v.mp4"
  for tone in 440 550 660 770; do ff $(sound $tone) -c:a aac -b:a 64k "$work/a$tone.m4a"; done
  ff $(sound 440) -ac 6 -c:a ac3 -b:a 384k "$work/a51.ac3"
  ff $(sound 440) -ac 6 -c:a eac3 -b:a 256k "$work/a51.eac3"
  ff $(sound 440) -ac 6 -c:a truehd -strict -2 "$work/a51.thd"
  ff $(sound 440) -ac 6 -c:a dca -strict -2 -b:a 768k "$work/a51.dts"
  ff $(sound 440) -ac 8 -c:a flac "$work/a71.flac"
  ff $(sound 440) -ac 8 -c:a aac -b:a 256k "$work/a71.m4a"
  ff $(sound 440) -ac 8 -c:a libopus -mapping_family 1 -b:a 256k "$work/a71.opus"
  ff $(sound 440) -ac 1 -c:a libopus -b:a 32k "$work/a10.opus"
  ff $(sound 440) -ac 2 -c:a flac "$work/a20.flac"
  printf '1\n00:00:00,500 --> 00:00:02,000\nHello\n\n2\n00:00:02,200 --> 00:00:03,500\nWorld\n' > "$srt"
  printf '1\n00:00:01,000 --> 00:00:02,000\n[door creaks]\n' > "$work/sdh.srt"
  printf '1\n00:00:01,000 --> 00:00:01,500\n(foreign sign)\n' > "$work/forced.srt"
  printf 'WEBVTT\n\n00:00.500 --> 00:02.000\nHello\n' > "$work/s.vtt"
  ff -i "$srt" "$work/s.ass"
  ff -f lavfi -i color=red:s=600x900:d=1 -frames:v 1 "$work/cover.jpg"
  head -c 20000 /dev/urandom > "$work/Font.ttf"
  head -c 3000000 /dev/zero > "$work/BigFont.otf"
  python3 "$parts" pgs "$work/s.sup"
  chapters_and_tags
}

chapters_and_tags() {
  printf 'CHAPTER01=00:00:00.000\nCHAPTER01NAME=Intro\nCHAPTER02=00:00:01.500\nCHAPTER02NAME=Größe 章\n' > "$work/ch.txt"
  cat > "$work/ch.meta" <<'META'
;FFMETADATA1
title=T
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1500
title=Intro
[CHAPTER]
TIMEBASE=1/1000
START=1500
END=4000
title=Größe 章
META
  cat > "$work/ch.xml" <<'XML'
<?xml version="1.0"?>
<Chapters>
  <EditionEntry>
    <EditionUID>11</EditionUID><EditionFlagDefault>1</EditionFlagDefault><EditionFlagOrdered>0</EditionFlagOrdered>
    <ChapterAtom>
      <ChapterUID>1</ChapterUID>
      <ChapterTimeStart>00:00:00.000000000</ChapterTimeStart><ChapterTimeEnd>00:00:02.000000000</ChapterTimeEnd>
      <ChapterDisplay><ChapterString>Part A</ChapterString><ChapterLanguage>eng</ChapterLanguage></ChapterDisplay>
      <ChapterDisplay><ChapterString>Teil A</ChapterString><ChapterLanguage>ger</ChapterLanguage></ChapterDisplay>
      <ChapterAtom>
        <ChapterUID>2</ChapterUID><ChapterTimeStart>00:00:00.500000000</ChapterTimeStart>
        <ChapterDisplay><ChapterString>Nested</ChapterString><ChapterLanguage>eng</ChapterLanguage></ChapterDisplay>
      </ChapterAtom>
    </ChapterAtom>
    <ChapterAtom>
      <ChapterUID>3</ChapterUID><ChapterFlagHidden>1</ChapterFlagHidden>
      <ChapterTimeStart>00:00:02.000000000</ChapterTimeStart>
    </ChapterAtom>
  </EditionEntry>
  <EditionEntry>
    <EditionUID>12</EditionUID><EditionFlagOrdered>1</EditionFlagOrdered>
    <ChapterAtom>
      <ChapterUID>4</ChapterUID>
      <ChapterTimeStart>00:00:01.000000000</ChapterTimeStart><ChapterTimeEnd>00:00:03.000000000</ChapterTimeEnd>
    </ChapterAtom>
  </EditionEntry>
</Chapters>
XML
  cat > "$work/tags.xml" <<XML
<?xml version="1.0"?>
<Tags>
  <Tag>
    <Targets><TargetTypeValue>70</TargetTypeValue></Targets>
    <Simple><Name>TITLE</Name><String>Coll</String><Simple><Name>SORT_WITH</Name><String>nested</String></Simple></Simple>
  </Tag>
  <Tag>
    <Simple><Name>LONG</Name><String>$(python3 -c "print('Långt '*12000)")</String></Simple>
    <Simple><Name>DATE_RELEASED</Name><String>1999</String></Simple>
  </Tag>
</Tags>
XML
}

audio_and_subtitles() {
  mm -o 01_multi_audio.mkv --language 0:eng "$video" \
    --language 0:jpn --track-name 0:"Japanese Stereo" "$a440" --language 0:eng --default-track-flag 0:0 "$a550" \
    --language 0:ger --default-track-flag 0:0 "$a660" --language 0:fra --default-track-flag 0:0 "$a770"
  mm -o 02_commentary_by_title.mkv "$video" --language 0:eng "$a440" \
    --language 0:eng --track-name 0:"Director's Commentary" --default-track-flag 0:0 "$a550" \
    --language 0:eng --track-name 0:"Cast & Crew (commentary)" --default-track-flag 0:0 "$a660" \
    --language 0:fre --track-name 0:"Commentaire audio" --default-track-flag 0:0 "$a770"
  mm -o 03_commentary_by_flag.mkv "$video" "$a440" --commentary-flag 0:1 --default-track-flag 0:0 "$a550" \
    --visual-impaired-flag 0:1 --track-name 0:"Audio Description" "$a660" --original-flag 0:1 "$a770"
  mm -o 04_forced_sdh_flags.mkv "$video" "$a440" --language 0:eng "$srt" \
    --language 0:eng --forced-display-flag 0:1 "$work/forced.srt" \
    --language 0:eng --hearing-impaired-flag 0:1 "$work/sdh.srt"
  mm -o 05_forced_sdh_by_title.mkv "$video" "$a440" \
    --language 0:eng --track-name 0:"English (Forced)" "$work/forced.srt" \
    --language 0:eng --track-name 0:"English SDH" "$work/sdh.srt" \
    --language 0:eng --track-name 0:"Signs & Songs" "$srt" --language 0:eng --track-name 0:"CC" "$srt"
  mm -o 06_subs_pgs_srt_ass_vtt.mkv "$video" --language 0:eng "$work/s.sup" --language 0:eng "$srt" \
    --language 0:jpn "$work/s.ass" --language 0:eng "$work/s.vtt"
}

attachments_and_chapters() {
  mm -o 07_attachments.mkv "$video" \
    --attachment-name cover.jpg --attachment-mime-type image/jpeg --attach-file "$work/cover.jpg" \
    --attachment-mime-type font/ttf --attachment-description "Main font" --attach-file "$work/Font.ttf" \
    --attachment-mime-type application/vnd.ms-opentype --attach-file "$work/BigFont.otf"
  mm -o 08_chapters_simple.mkv --chapters "$work/ch.txt" "$video"
  mm -o 09_chapters_nested_2editions.mkv --chapters "$work/ch.xml" "$video"
}

pictures() {
  local hdr10="hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
  hdr10+=":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
  local hlg="colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
  ff -f lavfi -i testsrc2=s=320x180:r=24:d=1 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast \
    -x265-params "$hdr10:log-level=none" -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -tag:v hvc1 \
    10_hdr10_hevc.mp4
  ff -i 10_hdr10_hevc.mp4 -c copy 11_hdr10_hevc_ffmpeg.mkv
  mm -o 12_hdr10_container_only.mkv --color-matrix-coefficients 0:9 --color-range 0:1 \
    --color-transfer-characteristics 0:16 --color-primaries 0:9 --max-content-light 0:1000 --max-frame-light 0:400 \
    --max-luminance 0:1000 --min-luminance 0:0.0001 --chromaticity-coordinates 0:0.68,0.32,0.265,0.69,0.15,0.06 \
    --white-colour-coordinates 0:0.3127,0.329 "$video"
  ff -f lavfi -i testsrc2=s=320x180:r=50:d=1 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast \
    -x265-params "$hlg:log-level=none" 13_hlg_hevc.mkv
  mm -o 14_anamorphic_dar_crop.mkv --display-dimensions 0:426x180 --cropping 0:0,10,0,10 \
    --stereo-mode 0:side_by_side_left_first "$video"
  ff "${picture[@]}" "${x264[@]}" -vf setsar=64/45 15_pasp_rotate.mp4
  python3 "$parts" rotate 15_pasp_rotate.mp4
  ff -f lavfi -i testsrc2=s=720x576:r=25:d=1 -c:v mpeg2video -flags +ildct+ilme -top 1 -aspect 16:9 \
    16_interlaced_mpeg2.mkv
}

layouts_and_languages() {
  mm -o 17_audio_layouts.mkv "$video" "$work/a71.flac" "$work/a71.opus" "$work/a51.ac3" "$work/a51.eac3" "$work/a51.thd" \
    "$work/a51.dts" "$work/a20.flac" "$work/a10.opus"
  ff -i "$work/v.mp4" -i "$work/a71.m4a" -i "$work/a51.ac3" -i "$work/a51.eac3" -map 0 -map 1 -map 2 -map 3 -c copy \
    -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu -metadata:s:a:1 handler_name="Surround 5.1" \
    18_audio_layouts.mp4
  local subtitles=()
  for language in zh-Hans pt-BR es-419 sr-Latn yue cmn-Hant mul zxx qaa; do
    subtitles+=(--language "0:$language" "$srt")
  done
  mm -o 19_lang_legacy_vs_bcp47.mkv "$video" --language 0:ger "$a440" --language 0:deu "$a550" --language 0:de "$a660" \
    --language 0:de-AT "$a770" "${subtitles[@]}"
  mm -o 20_lang_missing_und.mkv "$video" --language 0:und "$a440" "$a550"
  python3 "$parts" languages 01_multi_audio.mkv 21_lang_element_absent.mkv 22_lang_garbage.mkv
  ff -i "$work/v.mp4" -i "$a440" -i "$a550" -i "$srt" -map 0 -map 1 -map 2 -map 3 -c copy -c:s mov_text \
    -metadata:s:a:0 language=ger -metadata:s:a:1 language=zh-Hans -metadata:s:s:0 language=eng \
    -metadata:s:s:0 handler_name="English SDH" -disposition:s:0 forced+hearing_impaired \
    -metadata title="Mp4 títle 🎬" -metadata comment=c 23_lang_movtext.mp4
}

texts() {
  mm -o 24_unicode_titles.mkv --title $'Amélie 🎬🍿 東京 العربية \u202eRTL\u202c e\u0301' \
    --track-name 0:"视频 🎞️" "$video" --track-name 0:$'tab\there "quotes" \\ back\nnewline' "$a440" \
    --track-name 0:"   leading/trailing   " "$a550"
  mm -o 25_long_title_and_tags.mkv --global-tags "$work/tags.xml" --title "$(python3 -c "print('x'*60000)")" "$video" \
    --track-name "0:$(python3 -c "print('Ω'*30000)")" "$a440"
}

mp4_layouts() {
  ff -i "$work/v.mp4" -i "$a440" -c copy 26_moov_at_end.mp4
  ff -i "$work/v.mp4" -i "$a440" -c copy -movflags +faststart 27_faststart.mp4
  ff -i "$work/v.mp4" -i "$a440" -c copy -movflags +frag_keyframe+empty_moov+default_base_moof 28_fragmented.mp4
  ff -i "$work/v.mp4" -i "$a440" -i "$work/ch.meta" -map_metadata 2 -map_chapters 2 -c copy -map 0 -map 1 29_chapters.mp4
  ff -i "$work/v.mp4" -i "$work/cover.jpg" -map 0 -map 1 -c copy -disposition:v:1 attached_pic 30_cover.m4v
  ff -f lavfi -i testsrc2=s=320x180:r=25:d=1 $(sound 440) -t 1 -c:v prores_ks -c:a pcm_s24le -timecode 01:00:00:00 \
    31_prores_tmcd.mov
}

matroska_layouts() {
  ff -i 01_multi_audio.mkv -map 0 -c copy -cues_to_front 1 32_cues_front.mkv
  ff -i 01_multi_audio.mkv -map 0 -c copy 33_cues_end_ffmpeg.mkv
  mm -o 34_no_cues_zlib.mkv --cues -1:none --compression -1:none "$video" --cues 0:none --compression 0:zlib \
    "$work/a51.ac3" --compression 0:none "$srt"
  mm -o 35_no_cue_duration.mkv "$video" --engage no_cue_duration "$work/a51.ac3"
  ff -i 01_multi_audio.mkv -map 0:v -map 0:a:0 -c:v copy -c:a libopus -f matroska - > 36_pipe_unknown_size.mkv
  ff "${picture[@]}" $(sound 440) -c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k -c:a libopus -f webm -live 1 - \
    > 37_live_unknown_size.webm
  local subtitles=()
  local languages=(eng jpn ger fre spa)
  for number in $(seq 58); do
    subtitles+=(--language "0:${languages[number % 5]}" --track-name 0:"Track $number" --default-track-flag 0:0 "$srt")
  done
  mm -o 38_sixty_tracks.mkv "$video" "$a440" "${subtitles[@]}"
}

other_containers() {
  ff "${picture[@]}" $(sound 440) $(sound 550) -map 0 -map 1 -map 2 -t 3 -c:v mpeg4 -vtag XVID -c:a libmp3lame \
    -metadata title="AVI títle" -metadata:s:a:0 title="Commentary" -metadata:s:a:1 language=ger 58_xvid_2audio.avi
  ff -i "$work/v.mp4" -i "$a440" -i "$work/a51.ac3" -map 0 -map 1 -map 2 -c copy -metadata:s:a:0 language=eng \
    -metadata:s:a:1 language=deu -disposition:a:1 hearing_impaired -metadata service_name="Chän 1" 59_multi.ts
  ff -i "$work/v.mp4" -i "$work/a51.ac3" -i "$work/s.sup" -map 0 -map 1 -map 2 -c copy -mpegts_m2ts_mode 1 \
    -metadata:s:a:0 language=jpn 60_pgs.m2ts
  ff "${picture[@]}" $(sound 440) -t 2 -c:v mpeg2video -c:a mp2 -f vob 61_ps.mpg
  ff "${picture[@]}" $(sound 440) -t 2 -c:v wmv2 -c:a wmav2 -metadata title="WMV" 62.wmv
  ff "${picture[@]}" $(sound 440) -t 2 -c:v flv1 -ar 44100 -c:a libmp3lame 63.flv
  mm -o 64_audio_only.mka --title "Album" "$work/a20.flac"
  mm -o 65_subs_only.mks --language 0:swe "$srt"
}

more_matroska() {
  ff -i 01_multi_audio.mkv -map 0:v -map 0:a:1 -c copy -metadata:s:a:0 BPS=999999 -metadata:s:a:0 BPS-eng=888888 \
    -metadata:s:a:0 DURATION=09:00:00.000000000 66_stale_statistics.mkv
  mm -o 67_disabled_track.mkv --track-enabled-flag 0:0 "$video" --sync 0:250 "$a440"
  ff -f lavfi -i testsrc2=s=320x180:r=30:d=3 -vf "select='not(mod(n,3))+lt(n,30)'" -fps_mode vfr "${x264[@]}" 68_vfr.mkv
  ff -f lavfi -i testsrc2=s=256x144:r=24:d=1 -c:v libsvtav1 -preset 12 -pix_fmt yuv420p10le -color_primaries bt2020 \
    -color_trc smpte2084 -colorspace bt2020nc 69_av1_hdr.webm 2> "$work/svtav1.log" ||
    ff -f lavfi -i testsrc2=s=256x144:r=24:d=1 -c:v libaom-av1 -cpu-used 8 69_av1_hdr.webm
  mm -o "$work/segment.mkv" --split duration:2s "$video"
  cat "$work"/segment-00*.mkv > 70_two_ebml_documents.mkv
}

sources
audio_and_subtitles
attachments_and_chapters
pictures
layouts_and_languages
texts
mp4_layouts
matroska_layouts
other_containers
more_matroska
python3 "$parts" layouts .
