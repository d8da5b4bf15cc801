//! What reading may cost, and how much of it what is done where.

use vpo_reading::Limits;

/// Reading goes straight on; wider steps are asked for where they are wanted.
pub const LIMITS: Limits = Limits { window: 16 << 10, widest: 16 << 10, calls: 1000, bytes: 6 << 20 };
/// What reading a healthy file costs at most.
pub const HEALTHY_BYTES: u64 = 64 << 10;
pub const HEALTHY_CALLS: u32 = 20;
/// How far looking for the ends of runs goes where every packet would have to be read else.
pub const LEAPING_BYTES: u64 = 96 << 10;
pub const LEAPING_CALLS: u32 = 30;
/// How much of the end is looked at first, for headers and for the last times alike.
pub const END: u64 = 12 << 10;
/// Streams and programs beyond this are noise.
pub const MOST_STREAMS: usize = 256;
