//! Dolby Vision: the configuration record (`dvcC`, `dvvC`, `dvwC`; BlockAddIDExtraData; DOVI descriptor).

use vpo_plugin_sdk::facts::DolbyVision;

use crate::bits::Bits;

/// Reads the configuration record.
pub fn configuration(record: &[u8]) -> Option<DolbyVision> {
    let mut bits = Bits::new(record);
    bits.skip(16)?;
    let profile = bits.u8(7)?;
    let level = bits.u8(6)?;
    bits.skip(3)?;
    let compatibility = bits.u8(4).unwrap_or(0);
    Some(DolbyVision { profile, level, compatibility })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_level_and_compatibility_stand_in_two_bytes_and_a_half() {
        let found = configuration(&[1, 0, 0x10, 0x35, 0x10, 0, 0, 0]);

        assert_eq!(found, Some(DolbyVision { profile: 8, level: 6, compatibility: 1 }));
        assert_eq!(configuration(&[1, 0, 0x10]), None);
    }
}
