use std::collections::HashMap;

use uuid::Uuid;

use super::*;

const SPACING: Spacing = Spacing { gap: 6.0, top: 2.0 };

/// A few thousand boards and pointers from one seed: splitmix64, so that a failure repeats.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    /// One to five lanes of up to eight cards of any height; one of the cards is dragged.
    fn plan(&mut self) -> Plan {
        let mut next = 0;
        let mut left = 16.0;
        let mut lanes: Vec<Lane> = (0..=self.roll(4))
            .map(|status| {
                let mut top = 2.0;
                let rows = (0..self.roll(9))
                    .map(|_| {
                        next += 1;
                        let row = CardBox { id: task(next), top, bottom: top + 40.0 + self.roll(60) as f64 };
                        top = row.bottom + 6.0;
                        row
                    })
                    .collect();
                let lane = Lane { status: self::status(status), left, right: left + 288.0, rows };
                left = lane.right + 12.0;
                lane
            })
            .collect();
        if next == 0 {
            next = 1;
            lanes[0].rows.push(CardBox { id: task(1), top: 2.0, bottom: 60.0 });
        }
        Plan { lanes, dragged: task(self.roll(next) + 1), spacing: SPACING }
    }
}

fn task(n: u64) -> TaskId {
    TaskId::new(Uuid::from_u128(n.into()))
}

fn status(n: u64) -> StatusId {
    StatusId::new(Uuid::from_u128(n.into()))
}

/// The order of a lane once the dragged card is in the gap.
fn dropped(plan: &Plan, slot: Slot) -> Vec<TaskId> {
    let mut ids: Vec<TaskId> = plan.others(slot.lane).map(|row| row.id).collect();
    ids.insert(slot.index, plan.dragged);
    ids
}

fn each_plan(check: impl Fn(&mut Dice, &Plan)) {
    let mut dice = Dice(7);
    for _ in 0..3_000 {
        let plan = dice.plan();
        check(&mut dice, &plan);
    }
}

#[test]
fn every_pointer_position_has_a_gap() {
    each_plan(|dice, plan| {
        let x = dice.roll(2_400) as f64 - 400.0;
        let y = dice.roll(1_600) as f64 - 400.0;
        let lane = plan.lane_at(x).expect("a board with lanes");
        let slot = plan.slot_at(lane, y);
        assert!(slot.index <= plan.size(lane));
        assert!(plan.placement(slot).is_some());
    });
}

#[test]
fn lower_pointers_never_lead_to_higher_gaps() {
    each_plan(|dice, plan| {
        let lane = dice.roll(plan.lanes.len() as u64) as usize;
        let indices: Vec<usize> = (-50..900).step_by(5).map(|y| plan.slot_at(lane, y.into()).index).collect();
        assert!(indices.is_sorted());
        assert_eq!(indices.first(), Some(&0));
        assert_eq!(indices.last(), Some(&plan.size(lane)));
    });
}

#[test]
fn a_card_over_its_own_place_stays_there() {
    each_plan(|_, plan| {
        let origin = plan.origin().expect("the dragged card is on a lane");
        let row = plan.lanes[origin.lane].rows[origin.index];
        for top in [row.top - 10.0, row.top, row.top + 10.0] {
            assert_eq!(plan.slot_at(origin.lane, top), origin);
        }
    });
}

#[test]
fn a_card_over_a_gap_drops_into_it() {
    each_plan(|dice, plan| {
        let lane = dice.roll(plan.lanes.len() as u64) as usize;
        let slot = Slot { lane, index: dice.roll(plan.size(lane) as u64 + 1) as usize };
        for off in [-10.0, 0.0, 10.0] {
            assert_eq!(plan.slot_at(lane, plan.top(slot) + off), slot);
        }
    });
}

#[test]
fn the_cards_make_exactly_the_room_that_the_dropped_card_takes() {
    each_plan(|dice, plan| {
        let lane = dice.roll(plan.lanes.len() as u64) as usize;
        let slot = Slot { lane, index: dice.roll(plan.size(lane) as u64 + 1) as usize };
        let shifts: HashMap<TaskId, f64> = plan.shifts(lane, slot).into_iter().collect();
        let height_of = |id: TaskId| {
            let row = plan.lanes.iter().flat_map(|lane| &lane.rows).find(|row| row.id == id).expect("a card");
            (row.top, row.bottom - row.top)
        };
        // As the browser lays the column out after the drop.
        let mut top = SPACING.top;
        for id in dropped(plan, slot) {
            let (measured, height) = height_of(id);
            if id == plan.dragged {
                assert!((plan.top(slot) - top).abs() < 1e-6);
            } else {
                assert!((measured + shifts[&id] - top).abs() < 1e-6);
            }
            top += height + SPACING.gap;
        }
        for other in (0..plan.lanes.len()).filter(|other| *other != lane) {
            assert!(plan.shifts(other, slot).iter().all(|(_, by)| *by == 0.0), "another lane stays as it is");
        }
    });
}

#[test]
fn the_neighbours_name_the_gap() {
    each_plan(|dice, plan| {
        let lane = dice.roll(plan.lanes.len() as u64) as usize;
        let slot = Slot { lane, index: dice.roll(plan.size(lane) as u64 + 1) as usize };
        let placement = plan.placement(slot).expect("a lane that exists");
        let order = dropped(plan, slot);
        assert_eq!(placement.status_id, plan.lanes[lane].status);
        assert_eq!(placement.after_id, slot.index.checked_sub(1).map(|above| order[above]));
        assert_eq!(placement.before_id, order.get(slot.index + 1).copied());
        assert!(placement.after_id != Some(plan.dragged) && placement.before_id != Some(plan.dragged));
    });
}

#[test]
fn keys_reach_every_gap() {
    each_plan(|_, plan| {
        let mut slot = plan.origin().expect("the dragged card is on a lane");
        for _ in 0..plan.lanes.len() {
            slot = plan.step(slot, KeyMove::Left);
        }
        for lane in 0..plan.lanes.len() {
            slot = plan.step(slot, KeyMove::First);
            for index in 0..=plan.size(lane) {
                assert_eq!(slot, Slot { lane, index });
                slot = plan.step(slot, KeyMove::Down);
            }
            assert_eq!(slot, plan.step(slot, KeyMove::Last));
            slot = plan.step(slot, KeyMove::Right);
        }
        assert_eq!(slot.lane, plan.lanes.len() - 1);
    });
}
