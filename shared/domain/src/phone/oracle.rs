//! Compares our plan with libphonenumber's metadata for the French territories. It differs on purpose in three places:
//!
//! - A block that ARCEP assigned to a territory's mobiles is accepted completely; the metadata knows the parts in use.
//! - Of Saint-Pierre-et-Miquelon's nine digits only 708 40 to 708 56 are mobiles; the metadata accepts every 7.
//! - Nouvelle-Calédonie's 88 is a mobile; the metadata has it as a landline.

use phonenumber::Type;
use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::*;
use crate::country::Country;

/// What the metadata says about digits that begin with a country code.
struct Theirs {
    /// `None` if no region has such a number.
    kind: Option<Type>,
    region: Option<String>,
}

fn theirs(digits: u64) -> Theirs {
    let Ok(number) = phonenumber::parse(None, format!("+{digits}")) else { return Theirs { kind: None, region: None } };
    let kind = number.is_valid().then(|| number.number_type(&DATABASE));
    Theirs { kind, region: number.country().id().map(|id| id.as_ref().to_owned()) }
}

fn may_be_mobile(kind: Option<Type>) -> bool {
    matches!(kind, Some(Type::Mobile | Type::FixedLineOrMobile))
}

/// E.164 digits of the French territories, mobiles and others.
fn digits() -> impl Strategy<Value = u64> {
    let french = (prop::sample::select(vec![33_u64, 262, 590, 594, 596]), 600_000_000_u64..800_000_000);
    let overseas = (
        prop::sample::select(vec![262_u64, 590, 594, 596]),
        prop_oneof![639_000_000_u64..640_000_000, 690_000_000_u64..698_000_000, 709_000_000_u64..709_400_000,],
    );
    let joined = |(code, national): (u64, u64)| code * 1_000_000_000 + national;
    prop_oneof![
        3 => french.prop_map(joined),
        3 => overseas.prop_map(joined),
        1 => 33_100_000_000_u64..33_999_999_999,
        1 => 508_100_000_u64..508_999_999,
        1 => 508_700_000_000_u64..508_799_999_999,
        1 => 681_100_000_u64..681_999_999,
        1 => 687_100_000_u64..687_999_999,
        2 => 68_980_000_000_u64..68_999_999_999,
    ]
}

proptest! {
    #![proptest_config(Config::with_cases(2_000))]

    #[test]
    fn a_mobile_of_the_metadata_is_accepted_in_the_same_territory(digits in digits()) {
        let Theirs { kind, region } = theirs(digits);
        let is_miquelon_of_nine = digits / 1_000_000_000 == 508;
        if may_be_mobile(kind) && !is_miquelon_of_nine {
            let territory = PhoneNumber::from_digits(digits).map(|number| number.territory().code().to_owned());
            prop_assert_eq!(territory, region, "+{}", digits);
        }
    }

    #[test]
    fn an_accepted_number_has_no_other_kind_in_the_metadata(digits in digits()) {
        if PhoneNumber::from_digits(digits).is_some() {
            let kind = theirs(digits).kind;
            let is_caledonian_88 = digits / 10_000 == 68_788;
            prop_assert!(kind.is_none() || may_be_mobile(kind) || is_caledonian_88, "+{} is {:?}", digits, kind);
        }
    }

    #[test]
    fn peoples_spellings_mean_the_same_number(
        (region, country, national) in prop_oneof![
            (Just(Id::FR), Just(Country::France), 600_000_000_u64..639_000_000),
            (Just(Id::FR), Just(Country::France), 730_000_000_u64..800_000_000),
            // The metadata reads these in their own region only: in `FR`, `0692…` becomes `+33692…`, which does not
            // exist.
            (Just(Id::RE), Just(Country::France), 692_000_000_u64..693_000_000),
            (Just(Id::GP), Just(Country::France), 690_000_000_u64..691_000_000),
            (Just(Id::GF), Just(Country::Guyane), 694_000_000_u64..694_390_000),
            (Just(Id::MQ), Just(Country::Martinique), 696_000_000_u64..698_000_000),
        ],
        separator in prop::sample::select(vec!["", " ", ".", "-", "\u{a0}"]),
        form in 0..5_u8,
    ) {
        let code = country_code(region);
        let (first, rest) = (national / 100_000_000, national % 100_000_000);
        let pairs: Vec<String> = (0..4).rev().map(|pair| format!("{:02}", rest / 100_u64.pow(pair) % 100)).collect();
        let tail = format!("{first}{separator}{}", pairs.join(separator));
        let text = match form {
            0 => format!("0{tail}"),
            1 => format!("+{code}{separator}{tail}"),
            2 => format!("+{code} (0){tail}"),
            3 => format!("00{code}{separator}{tail}"),
            _ => format!("(0){tail}"),
        };
        let theirs = phonenumber::parse(Some(region), &text).unwrap();
        let theirs = theirs.format().mode(phonenumber::Mode::E164).to_string();
        prop_assert_eq!(parse(&text, country).map(|number| number.to_string()), Ok(theirs), "{}", text);
    }
}

fn country_code(region: Id) -> u16 {
    match region {
        Id::RE => 262,
        Id::GP => 590,
        Id::GF => 594,
        Id::MQ => 596,
        _ => 33,
    }
}
