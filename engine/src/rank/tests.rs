use proptest::prelude::*;

use super::*;

fn rank(text: &str) -> Rank {
    Rank::try_from(text.to_owned()).unwrap()
}

fn between(above: &str, below: &str) -> String {
    let end = |text: &str| (!text.is_empty()).then(|| rank(text));
    Rank::between(end(above).as_ref(), end(below).as_ref()).unwrap().into()
}

fn smallest(fraction: &str) -> String {
    format!("A{}{fraction}", "0".repeat(26))
}

fn largest(fraction: &str) -> String {
    format!("z{}{fraction}", "z".repeat(26))
}

#[test]
fn the_middle_is_found_at_each_kind_of_border() {
    assert_eq!(between("", ""), "a0");
    assert_eq!(between("a0", ""), "a1");
    assert_eq!(between("az", ""), "b00");
    assert_eq!(between("Zz", ""), "a0");
    assert_eq!(between("Yzz", ""), "Z0");
    assert_eq!(between("", "a0"), "Zz");
    assert_eq!(between("", "a0V"), "a0");
    assert_eq!(between("", "b00"), "az");
    assert_eq!(between("", "Z0"), "Yzz");
    assert_eq!(between("a0", "a1"), "a0V");
    assert_eq!(between("a0", "a0V"), "a0G");
    assert_eq!(between("a0", "a01"), "a00V");
    assert_eq!(between("a01", "a02"), "a01V");
    assert_eq!(between("a0z", "a1"), "a0zV");
    assert_eq!(between("a0", "a1V"), "a1");
    assert_eq!(between("a0V", "a3"), "a1");
    assert_eq!(between("a1z", "a21"), "a2");
}

#[test]
fn there_is_room_beyond_the_last_integers() {
    assert_eq!(between(&largest(""), ""), largest("V"));
    assert_eq!(between("", &format!("A{}1", "0".repeat(25))), smallest("V"));
    assert_eq!(between("", &smallest("V")), smallest("G"));
    assert_eq!(between("", &smallest("1")), smallest("0V"));
}

#[test]
fn malformed_ranks_are_refused() {
    let bare = smallest("");
    for text in ["", "0", "a", "b0", "a00", "a0V0", "a-", "a0 ", "a0ü", "Y0", "é0", bare.as_str()] {
        assert_eq!(Rank::try_from(text.to_owned()), Err(RankError::Malformed), "{text}");
    }
    assert!(serde_json::from_str::<Rank>("\"a00\"").is_err());
    assert_eq!(serde_json::from_str::<Rank>("\"a0V\"").unwrap(), rank("a0V"));
}

#[test]
fn neighbours_out_of_order_have_nothing_between_them() {
    assert_eq!(Rank::between(Some(&rank("a1")), Some(&rank("a0"))), Err(RankError::Order));
    assert_eq!(Rank::between(Some(&rank("a1")), Some(&rank("a1"))), Err(RankError::Order));
}

#[test]
fn growing_at_one_end_stays_short() {
    let (mut low, mut high) = (rank("a0"), rank("a0"));
    for _ in 0..100_000 {
        high = Rank::between(Some(&high), None).unwrap();
        low = Rank::between(None, Some(&low)).unwrap();
    }
    assert!(high.as_str().len() <= 4, "{high:?}");
    assert!(low.as_str().len() <= 4, "{low:?}");
}

fn any_rank() -> impl Strategy<Value = Rank> {
    prop_oneof!["[a-c][0-9A-Za-z]{1,6}", "[X-Z][0-9A-Za-z]{1,6}", "[az][0z]{1,6}", "[Aa-zA-Z][0-9A-Za-z]{27,30}"]
        .prop_filter_map("a rank", |text| Rank::try_from(text).ok())
}

proptest! {
    #[test]
    fn ranks_stay_strictly_ordered_under_any_inserts(places in prop::collection::vec(0.0..1.0_f64, 1..300)) {
        let mut column: Vec<Rank> = Vec::new();
        for place in places {
            let at = (place * (column.len() + 1) as f64) as usize;
            let above = at.checked_sub(1).and_then(|above| column.get(above));
            let made = Rank::between(above, column.get(at)).unwrap();
            prop_assert!(Rank::try_from(made.as_str().to_owned()).is_ok(), "{:?}", made);
            column.insert(at, made);
        }
        prop_assert!(column.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn between_any_two_ranks_there_is_another(one in any_rank(), other in any_rank()) {
        prop_assume!(one != other);
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        let middle = Rank::between(Some(&low), Some(&high)).unwrap();
        prop_assert!(low < middle && middle < high, "{:?} {:?} {:?}", low, middle, high);
        for rank in [&middle, &Rank::between(None, Some(&low)).unwrap(), &Rank::between(Some(&high), None).unwrap()] {
            prop_assert!(Rank::try_from(rank.as_str().to_owned()).is_ok(), "{:?}", rank);
        }
        prop_assert!(Rank::between(None, Some(&low)).unwrap() < low);
        prop_assert!(Rank::between(Some(&high), None).unwrap() > high);
    }

    #[test]
    fn inserting_at_one_spot_grows_slowly(downwards in any::<bool>()) {
        let (mut low, mut high) = (rank("a0"), rank("a1"));
        for _ in 0..250 {
            let middle = Rank::between(Some(&low), Some(&high)).unwrap();
            if downwards { high = middle } else { low = middle }
        }
        prop_assert!(low.as_str().len().max(high.as_str().len()) <= Rank::LONG + 6);
    }

    #[test]
    fn a_spread_is_in_order_and_short(count in 0..5000_usize) {
        let ranks = Rank::spread(count);
        prop_assert_eq!(ranks.len(), count);
        prop_assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(ranks.iter().all(|rank| rank.as_str().len() <= 4));
    }

    #[test]
    fn several_stand_in_order_between_their_neighbours(
        one in any_rank(), other in any_rank(), count in 0..600_usize, open in 0..4_u8,
    ) {
        prop_assume!(one != other);
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        let above = (open & 1 == 0).then_some(&low);
        let below = (open & 2 == 0).then_some(&high);
        let ranks = Rank::several(above, below, count).unwrap();
        prop_assert_eq!(ranks.len(), count);
        let all: Vec<&Rank> = above.into_iter().chain(&ranks).chain(below).collect();
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(ranks.iter().all(|rank| Rank::try_from(rank.as_str().to_owned()).is_ok()));
    }

    #[test]
    fn several_grow_by_few_digits(count in 1..600_usize) {
        let ranks = Rank::several(Some(&rank("a0")), Some(&rank("a1")), count).unwrap();
        prop_assert!(ranks.iter().all(|rank| rank.as_str().len() <= 5));
    }
}
