//! The same as the standard library's, whatever is done.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::*;

proptest! {
    #[test]
    fn a_map_is_like_the_standard_one(
        first in vec((0..40_u8, any::<u16>()), 0..40),
        steps in vec((0..6_u8, 0..40_u8, any::<u16>()), 0..80),
    ) {
        let mut map: SortedMap<u8, u16> = first.iter().copied().collect();
        let mut standard: BTreeMap<u8, u16> = first.into_iter().collect();
        for (step, key, value) in steps {
            match step {
                0 => prop_assert_eq!(map.insert(key, value), standard.insert(key, value)),
                1 => prop_assert_eq!(map.remove(&key), standard.remove(&key)),
                2 => {
                    prop_assert_eq!(*map.get_or_insert_with(key, || value), *standard.entry(key).or_insert(value));
                }
                3 if value % 4 == 0 => {
                    map.retain(|key, _| key % 3 != 0);
                    standard.retain(|key, _| key % 3 != 0);
                }
                4 if value % 4 == 0 => {
                    map.remove_before(&key);
                    standard = standard.split_off(&key);
                }
                _ => {
                    map.up_to_mut(&key).for_each(|(_, other)| *other = value);
                    standard.range_mut(..=key).for_each(|(_, other)| *other = value);
                }
            }
            prop_assert_eq!(map.get(&key), standard.get(&key));
            prop_assert_eq!(map.get_mut(&key), standard.get_mut(&key));
            prop_assert_eq!(map.contains_key(&key), standard.contains_key(&key));
            map.values_mut().for_each(|value| *value ^= 1);
            standard.values_mut().for_each(|value| *value ^= 1);
            prop_assert!(map.iter().eq(standard.iter()));
            prop_assert!(map.keys().rev().eq(standard.keys().rev()));
            prop_assert!(map.values().rev().eq(standard.values().rev()));
            prop_assert_eq!((map.len(), map.is_empty()), (standard.len(), standard.is_empty()));
        }
        prop_assert!(map.into_iter().eq(standard));
    }

    #[test]
    fn a_set_is_like_the_standard_one(first in vec(any::<u8>(), 0..40), steps in vec((any::<bool>(), any::<u8>()), 0..80)) {
        let mut set: SortedSet<u8> = first.iter().copied().collect();
        let mut standard: BTreeSet<u8> = first.into_iter().collect();
        for (adds, item) in steps {
            if adds {
                prop_assert_eq!(set.insert(item), standard.insert(item));
            } else {
                prop_assert_eq!(set.remove(&item), standard.remove(&item));
            }
            prop_assert_eq!(set.contains(&item), standard.contains(&item));
            prop_assert_eq!(set.first(), standard.first());
            prop_assert!(set.from(&item).iter().eq(standard.range(item..)));
            prop_assert!(set.before(&item).iter().eq(standard.range(..item)));
            prop_assert!(set.iter().eq(standard.iter()));
            prop_assert_eq!((set.len(), set.is_empty()), (standard.len(), standard.is_empty()));
        }
        set.extend([7, 3, 7]);
        standard.extend([7, 3]);
        prop_assert!((&set).into_iter().eq(&standard));
        prop_assert!(set.into_iter().eq(standard));
    }

    #[test]
    fn sorting_is_stable(items in vec((0..9_u8, any::<u32>()), 0..200)) {
        let (mut sorted, mut standard) = (items.clone(), items);
        sort_by_key(&mut sorted, |(key, _)| *key);
        standard.sort_by_key(|(key, _)| *key);
        prop_assert_eq!(sorted, standard);
    }
}
