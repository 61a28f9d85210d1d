//! Words of a cell of which one can stand in another's place, for whoever changes a cell without typing.

/// The families of words, each with a check that the words are what the family is.
macro_rules! kin {
    ($($kind:ident: $($word:ident)+;)+) => {
        const KIN: &[&[&str]] = &[$(&[$(stringify!($word)),+]),+];

        #[cfg(test)]
        #[test]
        fn the_words_are_of_their_kind() {
            use crate::prelude::*;
            $($(let _: $kind = $word;)+)+
        }
    };
}

kin! {
    Dimension: Stream Isp Browser Connected;
    Dimension: Minute Hour Day Week;
    Measure: P2p Cdn Total Offload;
    Condition: NotConnected WithP2p CdnOnly;
    Palette: ColorBlind Tab10 Blues BuGn Greens Pinks RedBlue BrBG;
}

/// Words of which one can stand in another's place in a cell: dimensions, measures, conditions, palettes.
///
/// ```
/// assert!(streamroot::kin().iter().any(|family| family.contains(&"Blues") && family.contains(&"BuGn")));
/// ```
pub fn kin() -> &'static [&'static [&'static str]] {
    KIN
}
