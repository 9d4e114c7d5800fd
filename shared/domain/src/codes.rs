//! Stable codes for the variants of an enum, as the API, items and messages hold them.

/// Gives an enum `ALL`, its variants in the order of the table, and `code`, which `from_code` and `parse` read back. A
/// code is stored and never changes. A variant without a code does not compile.
macro_rules! codes {
    ($name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl $name {
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// Its code in the API and in storage.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            /// The variant of a code, exactly as written in the table.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.code() == code)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::from_code(text).ok_or(())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                Self::from_code(&text).ok_or_else(|| serde::de::Error::custom(format_args!("no such word: {text}")))
            }
        }
    };
}

pub(crate) use codes;

#[cfg(test)]
mod tests {
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Answer {
        Yes,
        No,
    }
    codes!(Answer { No = "no", Yes = "yes" });

    #[test]
    fn codes_read_back_as_their_variants_and_no_other_text_does() {
        assert_eq!(Answer::ALL, [Answer::No, Answer::Yes]);
        for one in Answer::ALL {
            assert_eq!((Answer::from_code(one.code()), one.code().parse()), (Some(one), Ok(one)));
            let json = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<Answer>(&json).ok(), Some(one), "{json}");
        }
        for word in ["", "Yes", "yes ", "maybe"] {
            assert_eq!((Answer::from_code(word), word.parse::<Answer>()), (None, Err(())), "{word}");
            assert!(serde_json::from_str::<Answer>(&format!("\"{word}\"")).is_err(), "{word}");
        }
    }
}
