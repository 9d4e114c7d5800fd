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

/// A schema with limits of its own for a field of a type, which says whether there may be null.
pub fn limited<T: Described>(schema: Schema) -> Schema {
    let own = T::schema();
    debug_assert!(own.holds(&schema), "a field of {own:?} cannot hold {schema:?}");
    Schema { is_nullable: own.is_nullable, ..schema }
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

/// Structs with their schemas: `requests!` are read, `answers!` are written, and `shape!` is for what is both.
///
/// - A field may have two lines of text above it: what it means in English, then in French.
/// - `name?: T` may be absent: it is an `Option<T>`, and in a request `Option<Option<T>>` tells null from absent.
/// - `name: T = schema` narrows what the type alone allows.
/// - `..name: T` puts the fields of another shape among its own.
/// - `struct View as "Name"` stands among the components of the document.
/// - `struct View, patch ViewPatch` makes the struct of a merge patch too: the same fields, each of which may be absent,
///   and null if the field says `name: T | null`.
macro_rules! shape {
    ($($(#[$meta:meta])* $vis:vis struct $view:ident $(as $name:literal)? $(, patch $patch:ident)? {
        $($body:tt)*
    })+) => {
        $($crate::contract::described::shape!(@field [[$(#[$meta])*] [$vis $view] [$($name)?] $($patch)?] {} {} {} {} $($body)*);)+
    };
    (@field $head:tt {$($s:tt)*} {$($p:tt)*} {$($d:tt)*} {$($e:tt)*}
     ..$vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::contract::described::shape!(@field $head
            {$($s)* #[serde(flatten)] $vis $field: $type,}
            {$($p)*}
            {$($d)* .with(<$type as $crate::contract::described::Described>::schema().fields())}
            {$($e)*}
            $($rest)*);
    };
    (@field $head:tt {$($s:tt)*} {$($p:tt)*} {$($d:tt)*} {$($e:tt)*}
     $(#[doc = $english:literal] #[doc = $french:literal])?
     $vis:vis $field:ident?: $type:ty $(= $schema:expr)?, $($rest:tt)*) => {
        $crate::contract::described::shape!(@field $head
            {$($s)*
                #[serde(default, deserialize_with = "crate::gate::present", skip_serializing_if = "Option::is_none")]
                $vis $field: Option<$type>,}
            {$($p)* #[serde(deserialize_with = "crate::gate::present")] $vis $field: Option<$crate::contract::described::shape!(@patched [$type] [])>,}
            {$($d)* .maybe(stringify!($field), $crate::contract::described::shape!(@schema [$type] [$($schema)?])$(.about($english, $french))?)}
            {$($e)* .maybe(stringify!($field),
                $crate::contract::described::shape!(@schema [$crate::contract::described::shape!(@patched [$type] [])] [$($schema)?])$(.about($english, $french))?)}
            $($rest)*);
    };
    (@field $head:tt {$($s:tt)*} {$($p:tt)*} {$($d:tt)*} {$($e:tt)*}
     $(#[doc = $english:literal] #[doc = $french:literal])?
     $vis:vis $field:ident: $type:ty $(| $null:ident)? $(= $schema:expr)?, $($rest:tt)*) => {
        $crate::contract::described::shape!(@field $head
            {$($s)* $vis $field: $type,}
            {$($p)*
                #[serde(deserialize_with = "crate::gate::present")]
                $vis $field: Option<$crate::contract::described::shape!(@patched [$type] [$($null)?])>,}
            {$($d)* .field(stringify!($field), $crate::contract::described::shape!(@schema [$type] [$($schema)?])$(.about($english, $french))?)}
            {$($e)* .maybe(stringify!($field),
                $crate::contract::described::shape!(@schema [$crate::contract::described::shape!(@patched [$type] [$($null)?])] [$($schema)?])$(.about($english, $french))?)}
            $($rest)*);
    };
    (@schema [$type:ty] []) => { <$type as $crate::contract::described::Described>::schema() };
    (@schema [$type:ty] [$schema:expr]) => { $crate::contract::described::limited::<$type>($schema) };
    (@patched [$type:ty] []) => { <$type as $crate::contract::described::Described>::Patch };
    (@patched [$type:ty] [null]) => { Option<<$type as $crate::contract::described::Described>::Patch> };
    (@field [[$($meta:tt)*] [$vis:vis $view:ident] $name:tt] {$($s:tt)*} {$($p:tt)*} $d:tt $e:tt) => {
        $($meta)*
        $vis struct $view { $($s)* }
        $crate::contract::described::shape!(@impl $view $view $name $d);
    };
    (@field [[$($meta:tt)*] [$vis:vis $view:ident] $name:tt $patch:ident] {$($s:tt)*} {$($p:tt)*} $d:tt $e:tt) => {
        $($meta)*
        $vis struct $view { $($s)* }
        $crate::contract::described::shape!(@impl $view $patch $name $d);
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(default)]
        $vis struct $patch { $($p)* }
        $crate::contract::described::shape!(@impl $patch $patch $name $e);
    };
    (@impl $view:ident $patch:ident [$($name:literal)?] {$($d:tt)*}) => {
        impl $crate::contract::described::Described for $view {
            type Patch = $patch;
            fn schema() -> $crate::contract::schema::Schema {
                $crate::contract::schema::object([])$($d)*$(.named($name))?
            }
        }
    };
}
macro_rules! requests {
    ($($(#[$meta:meta])* $vis:vis struct $view:ident $(as $name:literal)? $(, patch $patch:ident)? {
        $($body:tt)*
    })+) => {
        $crate::contract::described::shape! {$(
            $(#[$meta])* #[derive(serde::Deserialize)]
            $vis struct $view $(as $name)? $(, patch $patch)? { $($body)* }
        )+}
    };
}

macro_rules! answers {
    ($($(#[$meta:meta])* $vis:vis struct $view:ident $(as $name:literal)? $(, patch $patch:ident)? {
        $($body:tt)*
    })+) => {
        $crate::contract::described::shape! {$(
            $(#[$meta])* #[derive(serde::Serialize)]
            $vis struct $view $(as $name)? $(, patch $patch)? { $($body)* }
        )+}
    };
}

pub(crate) use {answers, requests, shape};
