//! The keys of classes: 1 to 9 and 0, and the same with Shift.

use std::collections::BTreeMap;

use atrous_palettes::Palette;

/// How many classes can have a key.
pub const SLOTS: usize = 20;

/// Which class each key takes, in the keys' order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots([Option<u8>; SLOTS]);

impl Slots {
    /// The first classes on the keys in their order, of `classes` there are.
    pub fn in_order(classes: usize) -> Self {
        Self(std::array::from_fn(|slot| {
            u8::try_from(slot).ok().filter(|_| slot < classes)
        }))
    }

    /// The keys as they were kept: classes by name under "1", "Shift+1". Names that the palette
    /// does not have are passed over; without any it is the classes in order.
    pub fn restored(palette: &Palette, kept: Option<&BTreeMap<String, String>>) -> Self {
        let Some(kept) = kept else {
            return Self::in_order(palette.len());
        };
        let class_of = |slot: usize| {
            let name = kept.get(&key_text(slot))?;
            let mut classes = palette.classes.iter();
            let place = classes.position(|class| class.name == *name)?;
            u8::try_from(place).ok()
        };
        Self(std::array::from_fn(class_of))
    }

    /// What [`Slots::restored`] reads; none for the classes in order.
    pub fn kept(&self, palette: &Palette) -> Option<BTreeMap<String, String>> {
        let name = |(slot, class): (usize, &Option<u8>)| {
            let class = palette.class((*class)?)?;
            Some((key_text(slot), class.name.clone()))
        };
        let in_order = *self == Self::in_order(palette.len());
        (!in_order).then(|| self.0.iter().enumerate().filter_map(name).collect())
    }

    /// The class that a key takes.
    pub fn class(&self, slot: usize) -> Option<u8> {
        self.0.get(slot).copied().flatten()
    }

    /// The key of a class, as people write it: "1", "Shift+1".
    pub fn key_of(&self, class: u8) -> Option<String> {
        self.slot_of(class).map(key_text)
    }

    fn slot_of(&self, class: u8) -> Option<usize> {
        self.0.iter().position(|other| *other == Some(class))
    }

    /// Gives a class a key. The class that had it takes the other's key.
    pub fn give(&mut self, class: u8, slot: usize) {
        let Some(had) = self.0.get(slot).copied() else {
            return;
        };
        if let Some(before) = self.slot_of(class) {
            self.0[before] = had;
        }
        self.0[slot] = Some(class);
    }

    /// Gives a class the key of another; those between move one key up or down.
    pub fn give_key_of(&mut self, class: u8, other: u8) {
        let Some(to) = self.slot_of(other) else {
            return;
        };
        match self.slot_of(class) {
            Some(from) if from < to => self.0[from..=to].rotate_left(1),
            Some(from) => self.0[to..=from].rotate_right(1),
            None => {
                // As far as the next key that nobody has; the last class may lose its own.
                let free = (to..SLOTS).find(|slot| self.0[*slot].is_none());
                let end = free.unwrap_or(SLOTS - 1);
                self.0[to..=end].rotate_right(1);
                self.0[to] = Some(class);
            }
        }
    }
}

/// A key as people write it: "1", "Shift+0".
pub fn key_text(slot: usize) -> String {
    let digit = (slot + 1) % 10;
    if slot < 10 {
        digit.to_string()
    } else {
        format!("Shift+{digit}")
    }
}
