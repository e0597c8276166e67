//! The figures of the workload.

use engine::{day::FirstWeekday, oversight::workload::Unit};
use serde_json::json;

use super::{super::live, day, hours, make, of, workload};
use crate::harness::{TestServer, on_both_databases, path};

on_both_databases! {
    async fn hours_of_all_projects_are_spread_over_the_assignees_weeks(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben, eve) = (server.person("ann").await, server.person("ben").await, server.person("eve").await);
        let (one, two, hers) = (ann.project("One").await, ann.project("Two").await, eve.project("Hers").await);
        ann.invite(one, &ben, "viewer").await;
        let ben_id = ben.user().id;
        // From Thursday to the next Wednesday: five working days, two of them in the first week.
        let both = json!({ "assignee_id": ben_id, "estimate_hours": 10.0, "start_at": "2083-03-04T00:00:00Z", "due_at": "2083-03-10T00:00:00Z" });
        make(&ann, one, both).await;
        let twin = json!({ "assignee_id": ben_id, "start_at": "2083-03-04T00:00:00Z", "due_at": "2083-03-10T00:00:00Z" });
        make(&ann, one, twin).await;
        make(&ann, two, json!({ "estimate_hours": 4.5, "due_at": "2083-03-02T00:00:00Z" })).await;
        make(&ann, two, json!({ "estimate_hours": 3.0, "assignee_id": ann.user().id })).await;
        make(&eve, hers, json!({ "estimate_hours": 99.0, "due_at": "2083-03-02T00:00:00Z" })).await;

        let all = workload(&ann, "from=2083-03-03&count=3").await;
        assert_eq!((all.unit, all.periods.as_slice()), (Unit::Week, [day("2083-03-01"), day("2083-03-08"), day("2083-03-15")].as_slice()));
        let names: Vec<&str> = all.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["ann", "ben", ""], "by name, and last what nobody is to do");
        let bens = of(&all, Some(&ben));
        assert_eq!(hours(bens), [4.0, 6.0, 0.0]);
        assert_eq!((bens.cells[0].capacity, bens.cells[0].tasks, bens.cells[0].unestimated), (40.0, 2, 1));
        assert_eq!((bens.open, bens.overdue, bens.blocked, bens.editable), (2, 0, 0, false), "only they say how much they work");
        assert_eq!(hours(of(&all, None)), [4.5, 0.0, 0.0]);
        let anns = of(&all, Some(&ann));
        assert_eq!((anns.undated.hours, anns.undated.tasks, anns.open), (3.0, 1, 1));

        // One project of it, by days; and what Ben, a viewer, sees.
        let days = workload(&ann, &format!("project={one}&unit=day&from=2083-03-04&count=5")).await;
        assert_eq!(hours(of(&days, Some(&ben))), [2.0, 2.0, 0.0, 0.0, 2.0]);
        assert_eq!(of(&days, None).open, 0);
        let his = workload(&ben, "from=2083-03-03&count=3").await;
        assert_eq!((hours(of(&his, Some(&ben))), of(&his, None).open), (vec![4.0, 6.0, 0.0], 0));
        assert!(of(&his, Some(&ben)).editable && !of(&his, Some(&ann)).editable);
        let defaults = (workload(&ben, "").await.periods.len(), workload(&ben, "unit=day").await.periods.len());
        assert_eq!(defaults, (8, 28));
    }

    async fn overdue_work_counts_and_finished_work_does_not(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let late = make(&ann, project, json!({ "estimate_hours": 2.0, "due_at": "2020-01-01T00:00:00Z" })).await;
        make(&ann, project, json!({ "estimate_hours": 3.0, "start_at": "2020-01-01T00:00:00Z" })).await;
        make(&ann, project, json!({ "estimate_hours": 5.0, "due_at": "2190-01-01T00:00:00Z" })).await;
        ann.patch(&path(late.id), json!({ "blocked_reason": "Rain" })).await.expect(200);
        let load = workload(&ann, "").await;
        let nobody = of(&load, None);
        assert_eq!((nobody.late.hours, nobody.late.tasks, nobody.later.hours), (5.0, 2, 5.0));
        assert_eq!((nobody.open, nobody.overdue, nobody.blocked), (3, 1, 1), "who has no last day is not overdue");
        let done = ann.statuses(project).await[2];
        ann.patch(&format!("{}/status", path(late.id)), json!({ "status_id": done })).await.expect(200);
        let load = workload(&ann, "").await;
        assert_eq!((of(&load, None).late.tasks, of(&load, None).open, of(&load, None).blocked), (1, 2, 0));
    }

    async fn weeks_begin_in_the_readers_zone_on_their_weekday(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        // The clocks go forward in Berlin on Sunday 28 March 2083, and back on 31 October.
        for due in ["2083-03-22", "2083-03-28", "2083-03-29", "2083-10-31", "2083-11-01"] {
            make(&ann, project, json!({ "estimate_hours": 1.0, "due_at": format!("{due}T00:00:00Z") })).await;
        }
        let weeks = async |first_weekday: &str, from: &str| {
            live(&ann, "Europe/Berlin", first_weekday).await;
            let load = workload(&ann, &format!("from={from}&count=2")).await;
            (load.periods.iter().map(ToString::to_string).collect::<Vec<_>>(), hours(of(&load, None)))
        };
        let (starts, load) = weeks("monday", "2083-03-28").await;
        assert_eq!((starts.join(" "), load), ("2083-03-22 2083-03-29".into(), vec![2.0, 1.0]));
        let (starts, load) = weeks("sunday", "2083-03-28").await;
        assert_eq!((starts.join(" "), load), ("2083-03-28 2083-04-04".into(), vec![2.0, 0.0]));
        let (starts, load) = weeks("saturday", "2083-10-31").await;
        assert_eq!((starts.join(" "), load), ("2083-10-30 2083-11-06".into(), vec![2.0, 0.0]));
        let (starts, load) = weeks("monday", "2083-10-31").await;
        assert_eq!((starts.join(" "), load), ("2083-10-25 2083-11-01".into(), vec![1.0, 1.0]));

        // Another time zone may have another date: between these two there are 25 hours.
        let mut todays = Vec::new();
        for zone in ["Pacific/Kiritimati", "Pacific/Niue"] {
            live(&ann, zone, "monday").await;
            let load = workload(&ann, "unit=day&count=1").await;
            assert_eq!(load.periods, [load.today]);
            todays.push(load.today);
        }
        assert!((1..=2).contains(&todays[0].since(todays[1])), "{todays:?}");
        let weekday = FirstWeekday::Monday;
        assert_eq!(workload(&ann, "count=1").await.periods[0], todays[1].week(weekday));
    }

    async fn invalid_queries_are_refused_with_their_field(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, eve) = (server.person("ann").await, server.person("eve").await);
        let hers = eve.project("Hers").await;
        for (field, query) in [
            ("from", "from=yesterday"), ("from", "from=2083-02-30"), ("count", "count=0"), ("count", "count=61"),
            ("count", "count=many"), ("count", "count=-1"), ("unit", "unit=year"), ("project", "project=mine"),
        ] {
            for resource in ["workload", "workload.csv"] {
                let answer = ann.get(&format!("/api/oversight/{resource}?{query}")).await;
                assert_eq!(answer.refused(422, "invalid")["field"], field, "{query}");
            }
        }
        for resource in ["workload", "workload.csv"] {
            let foreign = format!("/api/oversight/{resource}?project={hers}");
            ann.get(&foreign).await.refused(404, "project_not_found");
            server.anonymous().get(&foreign).await.refused(401, "not_signed_in");
        }
    }

    async fn the_workload_is_available_as_csv(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        make(&ann, project, json!({ "assignee_id": ann.user().id, "estimate_hours": 4.125, "due_at": "2083-03-02T00:00:00Z" })).await;
        let answer = ann.get("/api/oversight/workload.csv?from=2083-03-01&count=1").await.expect(200);
        assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"workload-2083-03-01.csv\"");
        let lines: Vec<&str> = answer.text.lines().collect();
        assert_eq!(lines[..3], ["person,period,hours,capacity,tasks,unestimated", "ann,late,0,0,0,0", "ann,2083-03-01,4.13,40,1,0"]);
        assert_eq!((lines.len(), lines[5]), (9, "(nobody),late,0,0,0,0"));
    }
}
