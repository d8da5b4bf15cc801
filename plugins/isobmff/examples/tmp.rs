use vpo_reading::*;
fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    if args[0] == "bench" {
        let media: Vec<_> = args[1..].iter().map(|p| MediaFile::open(p).unwrap()).collect();
        let mut best = vec![f64::MAX; media.len()];
        for _ in 0..30 {
            for (m, b) in media.iter().zip(&mut best) {
                let t = std::time::Instant::now();
                let _ = std::hint::black_box(vpo_plugin_isobmff::read(m));
                *b = b.min(t.elapsed().as_secs_f64() * 1e6);
            }
        }
        best.sort_by(f64::total_cmp);
        println!("median {} p90 {} max {} us", best[best.len() / 2], best[best.len() * 9 / 10], best[best.len() - 1]);
        return;
    }
    for p in args {
        let m = Counted::new(MediaFile::open(&p).unwrap());
        println!("== {p}\n{:#?}\n{} calls {} bytes", vpo_plugin_isobmff::read(&m), m.calls(), m.bytes());
    }
}
