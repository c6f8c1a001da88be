//! A layer's weights as the kernels read them.

use std::sync::{Arc, OnceLock};

use burn::module::{
    Content, Devices, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor,
};
use burn::tensor::Device;

/// Something made from a layer's parameters when it is first needed.
///
/// A module without parameters: whatever replaces the layer's parameters also maps this, which
/// makes it forget. Clones of the layer share it.
#[derive(Debug)]
pub(crate) struct Cache<T>(Arc<OnceLock<T>>);

impl<T> Clone for Cache<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Cache<T> {
    /// What was made before, or is made now.
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(make)
    }
}

impl<T: std::fmt::Debug + Send + Sync> Module for Cache<T> {
    fn collect_devices(&self, devices: Devices) -> Devices {
        devices
    }

    fn fork(self, _: &Device) -> Self {
        Self::default()
    }

    fn to_device(self, _: &Device) -> Self {
        Self::default()
    }

    fn train(self) -> Self {
        Self::default()
    }

    fn valid(&self) -> Self {
        Self::default()
    }

    fn materialize(self) -> Self {
        Self::default()
    }

    fn visit<V: ModuleVisitor>(&self, _: &mut V) {}

    fn map<M: ModuleMapper>(self, _: &mut M) -> Self {
        Self::default()
    }
}

impl<T> ModuleDisplayDefault for Cache<T> {
    fn content(&self, content: Content) -> Option<Content> {
        content.optional()
    }
}

impl<T> ModuleDisplay for Cache<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl ModuleMapper for Nothing {}

    #[test]
    fn forgets_when_parameters_may_have_changed() {
        let cache = Cache::<u8>::default();
        assert_eq!(cache.get_or_make(|| 1), &1);
        assert_eq!(cache.clone().map(&mut Nothing).get_or_make(|| 2), &2);
        assert_eq!(
            cache.clone().to_device(&Device::flex()).get_or_make(|| 3),
            &3
        );
        assert_eq!(cache.get_or_make(|| 4), &1);
    }
}
