#![forbid(unsafe_code)]

use super::*;

fn words_are_safe(handle: Handle) -> bool {
    let never = [0, usize::MAX, usize::MAX - 1];
    !never.contains(&handle.lower) && !never.contains(&handle.upper)
}

#[test]
fn a_handle_finds_its_value_until_it_is_removed() {
    let table = Table::new(7);
    let handle = table.insert(Arc::new("value")).unwrap();
    assert!(words_are_safe(handle));
    assert_eq!(table.get(handle).as_deref(), Some(&"value"));
    assert!(table.contains(handle));
    assert!(matches!(table.remove(handle), Removed::Live(_)));
    assert!(table.get(handle).is_none() && !table.contains(handle) && table.remembers(handle));
    assert!(matches!(table.remove(handle), Removed::Before));
}

#[test]
fn forged_and_foreign_handles_find_nothing() {
    let table = Table::new(7);
    let other = Table::new(8);
    let handle = table.insert(Arc::new(1)).unwrap();
    other.insert(Arc::new(2)).unwrap();
    let Handle { lower, upper } = handle;
    assert!(other.get(handle).is_none());
    for (lower, upper) in [
        (0, 0),
        (usize::MAX, usize::MAX),
        (usize::MAX - 1, usize::MAX - 1),
        (lower, upper.wrapping_add(1)),
        (lower.wrapping_add(SHARDS), upper),
        (lower & !0xFFF, upper),
        (upper, lower),
        (lower | 1 << (usize::BITS - 1), upper),
        (lower.wrapping_add(CHUNK * SHARDS * 100), upper),
    ] {
        let forged = Handle { lower, upper };
        assert!(table.get(forged).is_none(), "{forged:?}");
        assert!(matches!(table.remove(forged), Removed::Unknown), "{forged:?}");
    }
    assert!(table.get(handle).is_some());
}

#[test]
fn a_reused_slot_refuses_the_old_handle() {
    let table = Table::new(3);
    let first = table.insert(Arc::new(0)).unwrap();
    table.remove(first);
    let mut reused = false;
    for value in 0..SHARDS * (QUARANTINE + 2) * 4 {
        let handle = table.insert(Arc::new(value)).unwrap();
        assert_ne!(handle, first);
        reused |= handle.lower == first.lower;
        assert!(table.get(first).is_none());
        table.remove(handle);
    }
    assert!(reused, "freed slots are reused");
    assert!(matches!(table.remove(first), Removed::Unknown));
}

#[test]
fn the_next_frees_are_remembered() {
    let table = Table::new(3);
    let handle = table.insert(Arc::new(0)).unwrap();
    table.remove(handle);
    for value in 0..QUARANTINE {
        table.remove(table.insert(Arc::new(value)).unwrap());
    }
    assert!(matches!(table.remove(handle), Removed::Before));
}

#[test]
fn a_generation_skips_the_reserved_words() {
    assert_eq!(next_generation(usize::MAX), 1);
    assert_eq!(next_generation(usize::MAX - 1), 1);
    assert_eq!(next_generation(usize::MAX - 2), 1);
    assert_eq!(next_generation(usize::MAX - 3), usize::MAX - 2);
}

#[test]
fn many_live_values_keep_their_handles() {
    let table = Table::new(9);
    let handles: Vec<_> = (0..20_000).map(|value| table.insert(Arc::new(value)).unwrap()).collect();
    for (value, handle) in handles.iter().enumerate() {
        assert!(words_are_safe(*handle));
        assert_eq!(table.get(*handle).as_deref(), Some(&value));
    }
}

#[test]
fn threads_share_a_table() {
    let table = Table::new(5);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let table = &table;
            scope.spawn(move || {
                for round in 0..2_000 {
                    let handle = table.insert(Arc::new((thread, round))).unwrap();
                    assert_eq!(table.get(handle).as_deref(), Some(&(thread, round)));
                    assert!(matches!(table.remove(handle), Removed::Live(_)));
                    assert!(table.get(handle).is_none());
                }
            });
        }
    });
}
