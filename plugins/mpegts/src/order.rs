//! The order in which ffmpeg makes streams, by which it numbers them: all of the first map, then each as a map tells of it or
//! as it begins.

use crate::budget::MOST_STREAMS;
use crate::packets::Packet;
use crate::pes;

/// PIDs in that order, each once; those that no map lists are among them.
#[derive(Debug, Default)]
pub struct Order {
    pids: Vec<u16>,
}

impl Order {
    pub fn pids(&self) -> &[u16] {
        &self.pids
    }

    /// Takes what begins, which may be before any map tells of it.
    pub fn take(&mut self, packet: &Packet<'_>) {
        let is_new = packet.begins && pes::is_stream(packet.payload) && !self.pids.contains(&packet.pid);
        if is_new && self.pids.len() < MOST_STREAMS {
            self.pids.push(packet.pid);
        }
    }

    /// Takes what the first map lists, which is made before all that has begun.
    pub fn take_first_map(&mut self, mut listed: Vec<u16>) {
        self.pids.retain(|pid| !listed.contains(pid));
        listed.append(&mut self.pids);
        self.pids = listed;
    }

    /// Takes what another map lists.
    pub fn take_map(&mut self, mut listed: Vec<u16>) {
        listed.retain(|pid| !self.pids.contains(pid));
        self.pids.append(&mut listed);
    }

    /// Where a stream stands; behind all others when ffmpeg does not make it.
    pub fn place(&self, pid: u16) -> usize {
        self.pids.iter().position(|known| *known == pid).unwrap_or(self.pids.len())
    }

    /// PIDs of the streams that are made before a place.
    pub fn before(&self, place: usize) -> &[u16] {
        self.pids.get(..place).unwrap_or(&self.pids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINS: &[u8] = &[0, 0, 1, 0xe0];

    fn packet(pid: u16, begins: bool, payload: &[u8]) -> Packet<'_> {
        Packet { pid, begins, is_scrambled: false, counter: 0, clock: None, payload }
    }

    #[test]
    fn what_begins_before_its_map_comes_behind_the_first_map() {
        let mut order = Order::default();

        order.take(&packet(9, true, BEGINS));
        order.take(&packet(7, true, BEGINS));
        order.take_first_map(vec![5, 7]);

        assert_eq!(order.pids(), [5, 7, 9]);
    }

    #[test]
    fn what_another_map_lists_comes_last_and_once() {
        let mut order = Order::default();

        order.take_first_map(vec![5]);
        order.take(&packet(9, true, BEGINS));
        order.take_map(vec![8, 5, 9]);

        assert_eq!(order.pids(), [5, 9, 8]);
    }

    #[test]
    fn only_the_beginning_of_a_stream_makes_one() {
        let mut order = Order::default();

        order.take(&packet(9, false, BEGINS));
        order.take(&packet(8, true, &[0, 0x02, 0xb0]));

        assert_eq!(order.pids(), []);
    }

    #[test]
    fn a_stream_that_is_not_made_is_behind_all_others() {
        let mut order = Order::default();

        order.take_first_map(vec![5, 7]);

        assert_eq!(order.before(order.place(7)), [5]);
        assert_eq!(order.before(order.place(1)), [5, 7]);
    }
}
