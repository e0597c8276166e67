//! Aggregates a project's open tasks into load buckets: one per assignee and pair of dates.

use std::collections::HashMap;

use engine::{ProjectId, UserId, day::Day, oversight::load::LoadBucket, room::LogPlace};

use crate::store::{
    Store, StoreError,
    row::{Columns, leave_out},
};

/// The buckets of one assignee, or of unassigned tasks.
#[derive(Clone, Debug)]
pub(crate) struct LoadBuckets {
    /// The assignee.
    pub(crate) user: Option<UserId>,
    /// The buckets, by dates.
    pub(crate) piles: Vec<LoadBucket>,
}

impl Store {
    /// A project's open tasks in buckets, and the position of the log at that moment.
    ///
    /// The tasks arrive as one text and are grouped here: separate rows, or grouping in SQL, take the database several
    /// times as long.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn load(&self, project: ProjectId) -> Result<(LogPlace, Vec<LoadBuckets>), StoreError> {
        let mut tx = self.dialect.begin_read(&self.reader).await?;
        let row = sqlx::query("SELECT epoch, seq FROM projects WHERE id = $1")
            .bind(project.to_string())
            .fetch_one(&mut *tx)
            .await?;
        let place = LogPlace { epoch: row.parse("epoch")?, seq: row.seq("seq")? };
        let row = sqlx::query(
            "SELECT string_agg(concat(assignee_id, ',', start_at / 86400000, ',', due_at / 86400000, ',',
             estimate_hours, ',', CASE WHEN blocked_since IS NULL THEN 0 ELSE 1 END), ';') AS tasks
             FROM tasks WHERE project_id = $1 AND deleted_at IS NULL AND completed_at IS NULL",
        )
        .bind(project.to_string())
        .fetch_one(&mut *tx)
        .await?;
        let tasks = row.opt_text("tasks")?.unwrap_or_default();
        let (piles, unreadable) = piles(&tasks);
        for task in unreadable {
            leave_out("tasks", &format!("of {project}"), &StoreError::Unreadable(task.to_owned()));
        }
        Ok((place, piles))
    }
}

/// The buckets of tasks in the form above, and the tasks that cannot be read.
fn piles(tasks: &str) -> (Vec<LoadBuckets>, Vec<&str>) {
    let (mut people, mut unreadable) = (HashMap::<Option<UserId>, Vec<LoadBucket>>::new(), Vec::new());
    for task in tasks.split_terminator(';') {
        match read(task) {
            Some((user, pile)) => people.entry(user).or_default().push(pile),
            None => unreadable.push(task),
        }
    }
    let sorted = people.into_iter().map(|(user, mut piles)| {
        piles.sort_unstable_by_key(|pile| (pile.start, pile.due));
        piles.dedup_by(|next, pile| {
            let same = (next.start, next.due) == (pile.start, pile.due);
            if same {
                pile.tasks += next.tasks;
                pile.unestimated += next.unestimated;
                pile.blocked += next.blocked;
                pile.hours += next.hours;
            }
            same
        });
        piles.shrink_to_fit();
        LoadBuckets { user, piles }
    });
    (sorted.collect(), unreadable)
}

/// Parses one task into a bucket of its assignee. NULL is an empty field.
fn read(task: &str) -> Option<(Option<UserId>, LoadBucket)> {
    let mut fields = task.split(',');
    let user = match fields.next()? {
        "" => None,
        user => Some(user.parse().ok()?),
    };
    let mut day = || match fields.next()? {
        "" => Some(None),
        number => Some(Some(Day::from_number(number.parse().ok()?))),
    };
    let (start, due) = (day()?, day()?);
    let (hours, unestimated) = match fields.next()? {
        "" => (0.0, 1),
        hours => (hours.parse().ok()?, 0),
    };
    let blocked = fields.next()?.parse().ok()?;
    fields.next().is_none().then_some((user, LoadBucket { start, due, tasks: 1, unestimated, blocked, hours }))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn tasks_of_one_person_and_the_same_dates_are_a_pile() {
        let (ada, day) = (UserId::new(Uuid::from_u128(7)), |number| Some(Day::from_number(number)));
        let text = format!("{ada},20413,20414,1.5,0;,,,,0;{ada},20413,20414,,1;{ada},,20414,8.0,0;,,,2,1");
        let (mut people, unreadable) = piles(&text);
        assert!(unreadable.is_empty());
        people.sort_by_key(|piles| piles.user);
        let [nobody, hers] = &people[..] else { panic!("{people:?}") };
        let undated = LoadBucket { tasks: 2, unestimated: 1, blocked: 1, hours: 2.0, ..LoadBucket::default() };
        assert_eq!((nobody.user, &nobody.piles[..]), (None, &[undated][..]));
        let both = LoadBucket { start: day(20413), due: day(20414), tasks: 2, unestimated: 1, blocked: 1, hours: 1.5 };
        let due = LoadBucket { due: day(20414), tasks: 1, hours: 8.0, ..LoadBucket::default() };
        assert_eq!((hers.user, &hers.piles[..]), (Some(ada), &[due, both][..]));
        assert!(piles("").0.is_empty());
    }

    #[test]
    fn a_task_that_cannot_be_read_costs_no_other_one() {
        for bad in ["x", ",,,1", ",,,1,0,", "ada,,,1,0", ",x,,1,0", ",,,1,-1"] {
            let text = format!(",,,1,0;{bad};,,,1,0");
            let (people, unreadable) = piles(&text);
            assert_eq!(unreadable, [bad]);
            assert!(matches!(&people[..], [LoadBuckets { user: None, piles }] if piles[0].tasks == 2), "{bad}");
        }
    }
}
