//! mkvpropedit, mkvmerge, ffmpeg, ffprobe: build arguments, run, parse. The only place that spawns a process.
