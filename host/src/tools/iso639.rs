//! Three-letter codes, which is all that MP4 can say of a language.

/// Two letters of ISO 639-1 and the three of ISO 639-2/T for each language that has both.
const CODES: &str = "\
    aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bibis \
    bmbam bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan dedeu \
    dvdiv dzdzo eeewe elell eneng eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra fyfry \
    gagle gdgla glglg gngrn guguj gvglv hahau heheb hihin hohmo hrhrv hthat huhun hyhye hzher iaina \
    idind ieile igibo iiiii ikipk ioido isisl itita iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz \
    klkal kmkhm knkan kokor krkau kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin lolao \
    ltlit lulub lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob ndnde \
    nenep ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan pipli plpol \
    pspus ptpor quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd sesme sgsag shhbs sisin skslk \
    slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe swswa tatam tetel tgtgk ththa titir \
    tktuk tltgl tntsn toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb veven vivie vovol \
    wawln wowol xhxho yiyid yoyor zazha zhzho zuzul";

/// Returns the ISO 639-2/T code of a BCP 47 tag's language, `und` where there is none.
pub fn three_letters(tag: &str) -> &str {
    let language = tag.split('-').next().unwrap_or("");
    match language.len() {
        3 => language,
        2 => CODES
            .split(' ')
            .find_map(|pair| pair.strip_prefix(language).filter(|code| code.len() == 3))
            .unwrap_or("und"),
        _ => "und",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::language::canonical;

    #[test]
    fn tags_become_codes() {
        for (tag, code) in [("de", "deu"), ("pt-BR", "por"), ("yue", "yue"), ("und", "und"), ("xx", "und"), ("", "und")]
        {
            assert_eq!(three_letters(tag), code, "{tag}");
        }
    }

    #[test]
    fn every_code_is_read_as_the_language_it_stands_for() {
        for pair in CODES.split(' ') {
            assert_eq!(canonical(&pair[2..]), canonical(&pair[..2]), "{pair}");
        }
    }
}
