//! Seeded randomness: equal seeds give equal histories (PCG, O'Neill 2014, XSH-RR 64/32).

/// A stream of numbers.
pub struct Random(u64);

const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
const INCREMENT: u64 = 1_442_695_040_888_963_407;

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(INCREMENT));
        random.next();
        random
    }

    pub fn next(&mut self) -> u32 {
        let before = self.0;
        self.0 = before.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
        let mixed = (((before >> 18) ^ before) >> 27) as u32;
        mixed.rotate_right((before >> 59) as u32)
    }

    /// A number below `bound`; zero if `bound` is zero.
    pub fn below(&mut self, bound: u32) -> u32 {
        u32::try_from((u64::from(self.next()) * u64::from(bound)) >> 32).unwrap_or(0)
    }

    /// A number of a range, its end included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::from(self.below(u32::try_from(to - from + 1).unwrap_or(u32::MAX)))
    }

    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < per_mille
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(u32::try_from(of.len()).unwrap_or(u32::MAX)) as usize]
    }
}
