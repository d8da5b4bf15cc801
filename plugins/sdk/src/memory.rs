//! The memory of a plugin: quick for what a call brings and takes away again, which is nearly all of it.
//!
//! What a call hands over comes as hundreds of small texts, allocated one by one and freed when the call ends. Small
//! pieces are cut one after the other from blocks that count what still lives in them, and a block of which everything was
//! freed is cut anew. So a piece costs an addition when it comes and one when it goes, and what outlives a call holds up
//! no more than its block. Everything else is left to the allocator of the standard library.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// Bytes of a block. Its address is a multiple of them, so that a piece tells where its block begins.
const BLOCK: usize = 32 << 10;

/// Larger pieces do not come from blocks.
const PIECE_MAX: usize = 2 << 10;

/// Nothing that wants more than this comes from blocks either.
const ALIGNMENT_MAX: usize = 16;

/// What stands at the beginning of a block; the pieces come after it.
#[repr(C, align(16))]
struct Block {
    /// Pieces that were taken and not freed.
    living: Cell<usize>,
    /// The next block of which nothing lives.
    next: Cell<*mut Block>,
}

/// The allocator of a component, which has one thread.
pub struct Memory {
    /// The block that pieces are cut from.
    current: Cell<*mut Block>,
    /// Where in it the next piece may begin.
    used: Cell<usize>,
    /// Blocks of which nothing lives.
    empty: Cell<*mut Block>,
}

// SAFETY: it is only made where there is one thread, or, by tests, for one thread.
unsafe impl Sync for Memory {}

impl Memory {
    /// # Safety
    ///
    /// Only one thread may use it.
    pub const unsafe fn new() -> Self {
        Self { current: Cell::new(ptr::null_mut()), used: Cell::new(BLOCK), empty: Cell::new(ptr::null_mut()) }
    }

    /// Goes on with a block of which nothing lives; false when there is no memory for one.
    #[cold]
    fn begin_block(&self) -> bool {
        let mut block = self.empty.get();
        if block.is_null() {
            let layout = Layout::from_size_align(BLOCK, BLOCK).expect("a block is as large as it is aligned");
            // SAFETY: a block has a size.
            block = unsafe { System.alloc(layout) }.cast();
            if block.is_null() {
                return false;
            }
            // SAFETY: the block is large enough for what stands at its beginning, and nobody else has it.
            unsafe { block.write(Block { living: Cell::new(0), next: Cell::new(ptr::null_mut()) }) };
        } else {
            // SAFETY: blocks in the list are whole, and never given back.
            self.empty.set(unsafe { &*block }.next.get());
        }
        self.current.set(block);
        self.used.set(size_of::<Block>());
        true
    }
}

fn is_piece(layout: &Layout) -> bool {
    layout.size() <= PIECE_MAX && layout.align() <= ALIGNMENT_MAX
}

// SAFETY: pieces never overlap, because a block is only cut anew over pieces that were all freed, and its end is only
// taken back over the last one. Whether something is a piece follows from its layout, which is the same when it is freed.
unsafe impl GlobalAlloc for Memory {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_piece(&layout) {
            // SAFETY: what the caller promises is what this allocator asks for.
            return unsafe { System.alloc(layout) };
        }
        // Blocks are aligned to more than any piece, so that places in them are aligned as addresses are.
        let mut begin = self.used.get().next_multiple_of(layout.align());
        if begin + layout.size() > BLOCK {
            if !self.begin_block() {
                return ptr::null_mut();
            }
            begin = self.used.get();
        }
        let block = self.current.get();
        self.used.set(begin + layout.size());
        // SAFETY: there is a current block, because without one all of it counts as used; the piece lies within it.
        unsafe {
            (*block).living.set((*block).living.get() + 1);
            block.cast::<u8>().add(begin)
        }
    }

    #[inline]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        if !is_piece(&layout) {
            // SAFETY: as above; it came from there.
            return unsafe { System.dealloc(piece, layout) };
        }
        let place = piece as usize % BLOCK;
        // SAFETY: a piece lies in a block, and that begins at the multiple before it.
        let block = unsafe { piece.sub(place) }.cast::<Block>();
        // SAFETY: blocks are never given back.
        let Block { living, next } = unsafe { &*block };
        living.set(living.get() - 1);
        if block == self.current.get() {
            if living.get() == 0 {
                self.used.set(size_of::<Block>());
            } else if place + layout.size() == self.used.get() {
                self.used.set(place);
            }
        } else if living.get() == 0 {
            next.set(self.empty.replace(block));
        }
    }

    #[inline]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size is one that a layout can have.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_piece(&layout), is_piece(&wanted)) {
            // SAFETY: as above; it came from there.
            (false, false) => return unsafe { System.realloc(piece, layout, size) },
            (true, true) => {
                let place = piece as usize % BLOCK;
                let is_last = place + layout.size() == self.used.get()
                    && piece.wrapping_sub(place).cast::<Block>() == self.current.get();
                if is_last && place + size <= BLOCK {
                    self.used.set(place + size);
                    return piece;
                }
            }
            _ => {}
        }
        // SAFETY: both are as large as what is copied, and do not overlap while both live.
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(piece, moved, layout.size().min(size));
                self.dealloc(piece, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece that a test holds, filled with a byte of its own.
    struct Held {
        piece: *mut u8,
        layout: Layout,
        fill: u8,
    }

    impl Held {
        fn take(memory: &Memory, size: usize, align: usize, fill: u8) -> Self {
            let layout = Layout::from_size_align(size, align).unwrap();
            let piece = unsafe { memory.alloc(layout) };
            assert!(!piece.is_null() && piece as usize % align == 0);
            unsafe { piece.write_bytes(fill, size) };
            Self { piece, layout, fill }
        }

        fn check(&self) {
            let content = unsafe { std::slice::from_raw_parts(self.piece, self.layout.size()) };
            assert!(content.iter().all(|byte| *byte == self.fill), "a piece of {:?} was overwritten", self.layout);
        }

        fn resize(&mut self, memory: &Memory, size: usize) {
            let kept = size.min(self.layout.size());
            self.piece = unsafe { memory.realloc(self.piece, self.layout, size) };
            let content = unsafe { std::slice::from_raw_parts(self.piece, kept) };
            assert!(content.iter().all(|byte| *byte == self.fill), "what was in the piece did not come along");
            self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
            unsafe { self.piece.write_bytes(self.fill, size) };
        }

        fn free(self, memory: &Memory) {
            self.check();
            unsafe { memory.dealloc(self.piece, self.layout) };
        }
    }

    #[test]
    fn pieces_of_all_sizes_come_go_and_grow_without_touching_each_other() {
        let memory = unsafe { Memory::new() };
        let mut held: Vec<Held> = Vec::new();
        let mut state = 1_u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };

        for round in 0..20_000 {
            let is_large = random(10) == 0;
            let size = 1 + random(if is_large { 3 * PIECE_MAX } else { 64 });
            // More comes than goes, and then the other way round.
            match random(if round % 1000 < 500 { 4 } else { 8 }) {
                0 | 1 => held.push(Held::take(&memory, size, 1 << random(6), round as u8)),
                2 if !held.is_empty() => {
                    let place = random(held.len());
                    held[place].check();
                    held[place].resize(&memory, size);
                }
                _ if !held.is_empty() => {
                    let last_first = random(2) == 0;
                    let place = if last_first { held.len() - 1 } else { random(held.len()) };
                    held.swap_remove(place).free(&memory);
                }
                _ => {}
            }
        }

        held.into_iter().for_each(|piece| piece.free(&memory));
    }

    #[test]
    fn what_calls_bring_and_take_away_needs_no_more_blocks_with_every_call() {
        let memory = unsafe { Memory::new() };
        let lasting = Held::take(&memory, 100, 8, 1);
        let mut blocks = std::collections::HashSet::new();

        for _ in 0..1000 {
            let call: Vec<Held> = (0..1500).map(|size| Held::take(&memory, 1 + size % 50, 1, 2)).collect();
            blocks.extend(call.iter().map(|held| held.piece as usize / BLOCK));
            call.into_iter().for_each(|piece| piece.free(&memory));
        }

        assert!(blocks.len() <= 3, "{} blocks", blocks.len());
        lasting.free(&memory);
    }
}
