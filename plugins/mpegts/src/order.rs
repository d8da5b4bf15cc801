//! The order in which ffmpeg makes streams, by which it numbers them: all of the first map, then each as a map tells of it or
//! as it begins. The schedule of a broadcast is one too, and stands first where it comes before the first map.

use crate::budget::MOST_STREAMS;
use crate::packets::Packet;
use crate::pes;
use crate::tables::SCHEDULE_PID;

/// PIDs in that order, each once; those that no map lists are among them.
#[derive(Debug, Default)]
pub struct Order {
    pids: Vec<u16>,
    /// How many of them the first map made, with the schedule before it.
    of_first_map: usize,
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

    /// Takes what the first map lists, which is made before all that has begun, but for the schedule.
    pub fn take_first_map(&mut self, listed: Vec<u16>) {
        let (mut first, begun): (Vec<u16>, Vec<u16>) = self.pids.iter().partition(|pid| **pid == SCHEDULE_PID);
        first.extend(listed);
        self.of_first_map = first.len();
        self.pids = first;
        self.take_listed(begun);
    }

    /// Goes back to the first map, behind which ffmpeg begins the file anew; returns what had come behind it.
    pub fn begin_again(&mut self) -> Vec<u16> {
        self.pids.split_off(self.of_first_map.min(self.pids.len()))
    }

    /// Takes what another map lists, or that there is a schedule.
    pub fn take_listed(&mut self, mut listed: Vec<u16>) {
        listed.retain(|pid| !self.pids.contains(pid));
        self.pids.append(&mut listed);
    }

    /// Where a stream stands; `None` when it was not met, or only at a later place.
    pub fn place(&self, pid: u16) -> Option<usize> {
        self.pids.iter().position(|known| *known == pid)
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
        order.take_listed(vec![8, 5, 9]);

        assert_eq!(order.pids(), [5, 9, 8]);
    }

    #[test]
    fn a_schedule_that_comes_before_the_first_map_stays_before_it() {
        let (mut early, mut late) = (Order::default(), Order::default());

        early.take(&packet(9, true, BEGINS));
        early.take_listed(vec![SCHEDULE_PID]);
        early.take_first_map(vec![5, 7]);
        late.take_first_map(vec![5, 7]);
        late.take_listed(vec![SCHEDULE_PID]);

        assert_eq!(early.pids(), [SCHEDULE_PID, 5, 7, 9]);
        assert_eq!(late.pids(), [5, 7, SCHEDULE_PID]);
    }

    #[test]
    fn only_the_beginning_of_a_stream_makes_one() {
        let mut order = Order::default();

        order.take(&packet(9, false, BEGINS));
        order.take(&packet(8, true, &[0, 0x02, 0xb0]));

        assert_eq!(order.pids(), []);
    }

    #[test]
    fn what_comes_before_the_list_of_programs_counts_once_the_first_map_is_known() {
        let mut order = Order::default();

        order.take(&packet(9, true, BEGINS));
        order.take_first_map(vec![5, 7]);
        order.take_listed(vec![6]);
        let behind = order.begin_again();
        order.take_listed(vec![8]);
        order.take(&packet(9, true, BEGINS));
        order.take_listed(behind);

        assert_eq!(order.pids(), [5, 7, 8, 9, 6]);
        assert_eq!((order.place(7), order.place(1)), (Some(1), None));
    }
}
