//! Types that say what they look like in JSON: the struct that handlers read or write is the source of its schema.

use std::collections::BTreeMap;

use domain::account::{ExclusionSource, ImageType, Role, Scope};
use domain::campaign::{self, PauseReason};
use domain::country::Country;
use domain::credits::{Mode, MovementKind};
use domain::delivery::{DeliveryProblem, DeliveryStatus};
use domain::ids::*;
use domain::list::{self, Purpose};
use domain::segments::Encoding;
use domain::webhook::{DisabledReason, EventKind};

use super::schema::{Schema, all, any_text, boolean, count, id, instant, integer, map, number, word};

/// A type with a schema, made when it is asked for.
pub trait Described {
    /// What stands in its place in a merge patch (RFC 7396): itself, unless `shape!` gave it a patch.
    type Patch;

    fn schema() -> Schema;
}

/// What stands in the place of a type in a merge patch.
pub type Patch<T> = <T as Described>::Patch;

/// The schema of a field: that of its type, or one with limits of its own. The type says whether there may be null.
pub fn schema_of<T: Described, const N: usize>(limits: [Schema; N]) -> Schema {
    let own = T::schema();
    match limits.into_iter().next() {
        None => own,
        Some(limited) => {
            debug_assert!(own.holds(&limited), "a field of {own:?} cannot hold {limited:?}");
            Schema { is_nullable: own.is_nullable, ..limited }
        }
    }
}

macro_rules! described {
    ($($type:ty),+ => $schema:expr) => {$(
        impl Described for $type {
            type Patch = Self;
            fn schema() -> Schema {
                $schema
            }
        }
    )+};
}
described!(String, &'static str, char => any_text());
described!(u8, u16, u32, u64, usize => count());
described!(i64 => integer(i64::MIN, i64::MAX));
described!(f64 => number());
described!(bool => boolean());
described!(jiff::Timestamp => instant());

macro_rules! ids {
    ($($id:ty),+ $(,)?) => { $(described!($id => id(Self::PREFIX));)+ };
}
ids!(
    AccountId, CampaignId, DeliveryId, ErasureId, EventId, ImageId, KeyId, ListId, ReplyId, TemplateId, UserId,
    WebhookId
);

macro_rules! codes {
    ($($codes:ty),+ $(,)?) => { $(described!($codes => word(Self::ALL.map(Self::code)));)+ };
}
codes! {
    campaign::Kind, campaign::Status, list::Status, Country, DeliveryProblem, DeliveryStatus, DisabledReason, Encoding,
    EventKind, ExclusionSource, ImageType, Mode, MovementKind, PauseReason, Purpose, Role, Scope,
}

impl<T: Described> Described for Option<T> {
    type Patch = Option<T::Patch>;
    fn schema() -> Schema {
        T::schema().or_null()
    }
}

/// A patch replaces lists whole.
impl<T: Described> Described for Vec<T> {
    type Patch = Self;
    fn schema() -> Schema {
        all(T::schema())
    }
}

impl<K, T: Described> Described for BTreeMap<K, T> {
    type Patch = Self;
    fn schema() -> Schema {
        map(T::schema())
    }
}

/// Structs that are read, with their schemas. `answers!` is for those that are written, `shape!` for those that are both.
///
/// - A field may have two lines of text above it: what it means in English, then in French.
/// - `name?: T` may be absent: it is an `Option<T>`, and in a request `Option<Option<T>>` tells null from absent.
/// - `name: T = schema` narrows what the type alone allows.
/// - `..name: T` puts the fields of another shape among its own.
/// - `struct View as "Name"` stands among the components of the document.
/// - `struct View, patch ViewPatch` makes the struct of a merge patch too: the same fields, each of which may be absent,
///   and null if the field says `name: T | null`.
macro_rules! requests {
    ($($structs:tt)*) => { describe!([serde::Deserialize] $($structs)*); };
}

macro_rules! answers {
    ($($structs:tt)*) => { describe!([serde::Serialize] $($structs)*); };
}

macro_rules! shape {
    ($($structs:tt)*) => { describe!([serde::Serialize, serde::Deserialize] $($structs)*); };
}

/// Takes one field after the other and collects: fields of the struct, of its patch, and of both schemas.
macro_rules! describe {
    ($derive:tt $($(#[$meta:meta])* $vis:vis struct $view:ident $(as $name:literal)? $(, patch $patch:ident)? {
        $($body:tt)*
    })+) => {
        $(describe!(@field [[$(#[$meta])*] $derive [$vis] $view [$($name)?] $($patch)?] {} {} {} {} $($body)*);)+
    };
    (@field $head:tt {$($of:tt)*} {$($patch:tt)*} {$($schema:tt)*} $patched:tt
     ..$vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        describe!(@field $head
            {$($of)* #[serde(flatten)] $vis $field: $type,}
            {$($patch)*}
            {$($schema)* .with(d::schema_of::<$type, 0>([]).fields())}
            $patched $($rest)*);
    };
    (@field $head:tt {$($of:tt)*} {$($patch:tt)*} {$($schema:tt)*} {$($patched:tt)*}
     $(#[doc = $english:literal] #[doc = $french:literal])?
     $vis:vis $field:ident?: $type:ty $(= $limits:expr)?, $($rest:tt)*) => {
        describe!(@field $head
            {$($of)*
                #[serde(default, deserialize_with = "crate::gate::present", skip_serializing_if = "Option::is_none")]
                $vis $field: Option<$type>,}
            {$($patch)*
                #[serde(deserialize_with = "crate::gate::present")]
                $vis $field: Option<describe!(@patched $type)>,}
            {$($schema)* .maybe(stringify!($field), describe!(@schema $type, $($limits)?)$(.about($english, $french))?)}
            {$($patched)* .maybe(stringify!($field),
                describe!(@schema d::Patch<$type>, $($limits)?)$(.about($english, $french))?)}
            $($rest)*);
    };
    (@field $head:tt {$($of:tt)*} {$($patch:tt)*} {$($schema:tt)*} {$($patched:tt)*}
     $(#[doc = $english:literal] #[doc = $french:literal])?
     $vis:vis $field:ident: $type:ty $(| $null:ident)? $(= $limits:expr)?, $($rest:tt)*) => {
        describe!(@field $head
            {$($of)* $vis $field: $type,}
            {$($patch)*
                #[serde(deserialize_with = "crate::gate::present")]
                $vis $field: Option<describe!(@patched $type $(| $null)?)>,}
            {$($schema)* .field(stringify!($field), describe!(@schema $type, $($limits)?)$(.about($english, $french))?)}
            {$($patched)* .maybe(stringify!($field),
                describe!(@schema describe!(@patched $type $(| $null)?), $($limits)?)$(.about($english, $french))?)}
            $($rest)*);
    };
    (@patched $type:ty) => { $crate::contract::described::Patch<$type> };
    (@patched $type:ty | null) => { Option<$crate::contract::described::Patch<$type>> };
    (@schema $type:ty, $($limits:expr)?) => { d::schema_of::<$type, _>([$($limits)?]) };
    (@field [$meta:tt $derive:tt $vis:tt $view:ident $name:tt] $of:tt $fields:tt $schema:tt $patched:tt) => {
        describe!(@struct $meta $derive $vis $view $of);
        describe!(@impl $view $view $name $schema);
    };
    (@field [$meta:tt $derive:tt $vis:tt $view:ident $name:tt $patch:ident] $of:tt $fields:tt $schema:tt $patched:tt) => {
        describe!(@struct $meta $derive $vis $view $of);
        describe!(@impl $view $patch $name $schema);
        describe!(@struct [#[serde(default)]] [Debug, Default, serde::Deserialize] $vis $patch $fields);
        describe!(@impl $patch $patch $name $patched);
    };
    (@struct [$($meta:tt)*] [$($derive:path),+] [$vis:vis] $name:ident {$($fields:tt)*}) => {
        #[derive($($derive),+)]
        $($meta)*
        $vis struct $name { $($fields)* }
    };
    (@impl $view:ident $patch:ident [$($name:literal)?] {$($fields:tt)*}) => {
        impl $crate::contract::described::Described for $view {
            type Patch = $patch;
            fn schema() -> $crate::contract::schema::Schema {
                use $crate::contract::described as d;
                $crate::contract::schema::object([])$($fields)*$(.named($name))?
            }
        }
    };
}
