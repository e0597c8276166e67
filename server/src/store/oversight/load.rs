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
    pub(crate) buckets: Vec<LoadBucket>,
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
        let (buckets, unreadable) = buckets(&tasks);
        for task in unreadable {
            leave_out("tasks", &format!("of {project}"), &StoreError::Unreadable(task.to_owned()));
        }
        Ok((place, buckets))
    }
}

/// The buckets of tasks in the form above, and the tasks that cannot be read.
fn buckets(tasks: &str) -> (Vec<LoadBuckets>, Vec<&str>) {
    let (mut people, mut unreadable) = (HashMap::<Option<UserId>, Vec<LoadBucket>>::new(), Vec::new());
    for task in tasks.split_terminator(';') {
        match read(task) {
            Some((user, bucket)) => people.entry(user).or_default().push(bucket),
            None => unreadable.push(task),
        }
    }
    let sorted = people.into_iter().map(|(user, mut buckets)| {
        buckets.sort_unstable_by_key(|bucket| (bucket.start, bucket.due));
        buckets.dedup_by(|next, bucket| {
            let same = (next.start, next.due) == (bucket.start, bucket.due);
            if same {
                bucket.tasks += next.tasks;
                bucket.unestimated += next.unestimated;
                bucket.blocked += next.blocked;
                bucket.hours += next.hours;
            }
            same
        });
        buckets.shrink_to_fit();
        LoadBuckets { user, buckets }
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
    fn tasks_with_the_same_assignee_and_dates_share_a_bucket() {
        let (ada, day) = (UserId::new(Uuid::from_u128(7)), |number| Some(Day::from_number(number)));
        let text = format!("{ada},20413,20414,1.5,0;,,,,0;{ada},20413,20414,,1;{ada},,20414,8.0,0;,,,2,1");
        let (mut people, unreadable) = buckets(&text);
        assert!(unreadable.is_empty());
        people.sort_by_key(|buckets| buckets.user);
        let [unassigned, hers] = &people[..] else { panic!("{people:?}") };
        let undated = LoadBucket { tasks: 2, unestimated: 1, blocked: 1, hours: 2.0, ..LoadBucket::default() };
        assert_eq!((unassigned.user, &unassigned.buckets[..]), (None, &[undated][..]));
        let both = LoadBucket { start: day(20413), due: day(20414), tasks: 2, unestimated: 1, blocked: 1, hours: 1.5 };
        let due = LoadBucket { due: day(20414), tasks: 1, hours: 8.0, ..LoadBucket::default() };
        assert_eq!((hers.user, &hers.buckets[..]), (Some(ada), &[due, both][..]));
        assert!(buckets("").0.is_empty());
    }

    #[test]
    fn an_unreadable_task_does_not_affect_the_others() {
        for bad in ["x", ",,,1", ",,,1,0,", "ada,,,1,0", ",x,,1,0", ",,,1,-1"] {
            let text = format!(",,,1,0;{bad};,,,1,0");
            let (people, unreadable) = buckets(&text);
            assert_eq!(unreadable, [bad]);
            assert!(matches!(&people[..], [LoadBuckets { user: None, buckets }] if buckets[0].tasks == 2), "{bad}");
        }
    }
}
