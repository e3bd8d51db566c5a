//! Calls in few bytes: the hash of a key that was asked for lately is written as its place in a table
//! of such hashes, in 2 bytes instead of 8. Writer and reader keep the same table, so that it is not
//! written itself.
//!
//! A cache is asked for some keys again and again, or it would be none; and what recording costs is
//! above all the memory, or the pages of a file, that it fills.

/// The hashes that the table has room for: 32 KiB.
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 12;
/// The bits of a call's code, and how many codes a word holds.
const CODE_BITS: usize = 16;
const PER_WORD: usize = 4;
/// The bit of a code that says that the hash was not in its place: it follows behind the codes.
const NEW_BIT: u32 = 15;
/// The most calls of a block: whatever they are, a block has room for them.
pub(super) const MOST_CALLS: usize = 3200;

/// The hash that came last of those with the same highest bits, for each of these.
#[derive(Debug)]
pub(super) struct Recent(Box<[u64; PLACES]>);

impl Recent {
    pub(super) fn new() -> Recent {
        Recent(Box::new([0; PLACES]))
    }

    /// Makes of at most [`MOST_CALLS`] hashes the content of a block, which FORMAT.md draws: the words
    /// that `content` begins with then, as many as are returned. Some 1.5 ns a call, without a
    /// branch that depends on the hashes; and what is not needed of `content` is not touched, to
    /// leave the processor's nearest memory to the cache that is recorded.
    pub(super) fn encode(&mut self, hashes: &[u64], content: &mut Vec<u64>) -> usize {
        let words = hashes.len().div_ceil(PER_WORD);
        let most = 1 + words + hashes.len();
        if content.len() < most {
            content.resize(most, 0);
        }
        content[0] = hashes.len() as u64;
        let (codes, new) = content[1..].split_at_mut(words);
        let mut count = 0;
        for (word, hashes) in codes.iter_mut().zip(hashes.chunks(PER_WORD)) {
            let mut codes = 0;
            for (index, &hash) in hashes.iter().enumerate() {
                let place = place_of(hash);
                let is_new = std::mem::replace(&mut self.0[place], hash) != hash;
                let code = place as u64 | u64::from(is_new) << NEW_BIT;
                codes |= code << (CODE_BITS * index);
                // The next one is written over it if it is not new.
                new[count] = hash;
                count += usize::from(is_new);
            }
            *word = codes;
        }
        1 + words + count
    }

    /// Appends the hashes that `encode` made a content of, and says how many there were; none if it
    /// cannot have made it.
    pub(super) fn decode(&mut self, content: &[u64], hashes: &mut Vec<u64>) -> Option<usize> {
        let (&count, rest) = content.split_first()?;
        let count = usize::try_from(count).ok().filter(|count| (1..=MOST_CALLS).contains(count))?;
        let (codes, new) = rest.split_at_checked(count.div_ceil(PER_WORD))?;
        let mut new = new.iter();
        for index in 0..count {
            let code = codes[index / PER_WORD] >> (CODE_BITS * (index % PER_WORD)) & 0xFFFF;
            let known = self.0.get_mut((code & !(1 << NEW_BIT)) as usize)?;
            if code >> NEW_BIT != 0 {
                *known = *new.next()?;
            }
            hashes.push(*known);
        }
        new.next().is_none().then_some(count)
    }
}

/// A hash's place in the table.
#[inline]
fn place_of(hash: u64) -> usize {
    (hash >> (u64::BITS - PLACE_BITS)) as usize
}
