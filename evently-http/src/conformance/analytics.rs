//! The figures of admins.

use super::client::{Target, members};
use super::fixture::{event, path_of};
use serde_json::{Value, json};

pub async fn figures_count_what_happened(target: &Target) {
    let made = event(
        target,
        json!({"capacity": 10, "price_minor": 500, "currency": "EUR"}),
    )
    .await;
    let user = target.user();
    user.post(&made.path("/book"), json!({"quantity": 3}))
        .await
        .ok(201);
    user.post(&made.path("/holds"), json!({"quantity": 2}))
        .await
        .ok(201);
    let gone = user
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
    user.post(&path_of("bookings", &gone, "/cancel"), Value::Null)
        .await
        .ok(200);
    let path = format!("/api/admin/analytics/events/{}", made.id());
    let figures = made.admin.get(&path).await.ok(200);
    assert_eq!(
        members(&figures),
        [
            "event_id",
            "name",
            "starts_at",
            "capacity",
            "tickets_sold",
            "bookings",
            "cancellations",
            "utilization",
            "revenue_minor",
            "currency",
            "held",
            "available",
            "cancellation_rate",
            "sold_out_at",
            "waitlist",
            "sections",
        ]
    );
    let numbers = [
        "capacity",
        "tickets_sold",
        "bookings",
        "cancellations",
        "held",
        "available",
        "revenue_minor",
    ];
    assert_eq!(
        numbers.map(|name| figures[name].as_i64().unwrap()),
        [10, 3, 1, 1, 2, 5, 1500]
    );
    assert_eq!(
        (&figures["utilization"], &figures["cancellation_rate"]),
        (&json!(0.3), &json!(0.5))
    );
    assert_eq!(
        members(&figures["waitlist"]),
        ["waiting", "offered", "converted", "lapsed", "declined", "left"]
    );
    assert_eq!(
        members(&figures["sections"][0]),
        ["id", "name", "capacity", "sold", "held", "available"]
    );
    let overview = made.admin.get("/api/admin/analytics/overview").await.ok(200);
    assert_eq!(
        overview["revenue"],
        json!([{"currency": "EUR", "amount_minor": 1500}])
    );
    assert_eq!(
        (&overview["events"], &overview["tickets_cancelled"]),
        (&json!(1), &json!(1))
    );
    let sales = made.admin.get(&format!("{path}/sales?bucket=day")).await.ok(200);
    let rows = sales["data"].as_array().unwrap();
    let sum = |name: &str| rows.iter().map(|row| row[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(
        (sum("tickets"), sum("cancelled_tickets"), sum("revenue_minor")),
        (4, 1, 2000)
    );
    assert_eq!(
        members(&rows[0]),
        [
            "start",
            "bookings",
            "tickets",
            "cancelled_tickets",
            "revenue_minor"
        ]
    );
}

pub async fn the_popular_come_first(target: &Target) {
    for (name, capacity, quantity, price) in [("Small", 2, 2, 100), ("Big", 100, 5, 10), ("None", 5, 0, 1)] {
        let made = event(
            target,
            json!({"name": name, "capacity": capacity, "price_minor": price}),
        )
        .await;
        if quantity > 0 {
            target
                .user()
                .post(&made.path("/book"), json!({"quantity": quantity}))
                .await
                .ok(201);
        }
    }
    let admin = target.admin();
    let names = async |query: &str| {
        let list = admin
            .get(&format!("/api/admin/analytics/popular?{query}"))
            .await
            .ok(200);
        let rows = list["data"].as_array().unwrap().clone();
        rows.into_iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Big", "Small", "None"]);
    assert_eq!(names("by=utilization&limit=1").await, ["Small"]);
    assert_eq!(names("by=revenue").await, ["Small", "Big", "None"]);
    assert_eq!(names("to=2199-01-01T00:00:00Z").await, [""; 0]);
    for query in ["by=luck", "limit=0", "from=x"] {
        admin
            .get(&format!("/api/admin/analytics/popular?{query}"))
            .await
            .problem(400, "malformed");
    }
}

pub async fn figures_are_for_admins(target: &Target) {
    let made = event(target, json!({"capacity": 10})).await;
    let of_event = format!("events/{}", made.id());
    let sales = format!("{of_event}/sales");
    for path in ["overview", "popular", &of_event, &sales] {
        let path = format!("/api/admin/analytics/{path}");
        target.user().get(&path).await.problem(403, "forbidden");
        target.guest().get(&path).await.problem(401, "unauthorized");
        assert_eq!(made.admin.get(&path).await.header("cache-control"), "no-store");
    }
    let endless = "from=1970-01-01T00:00:00Z&to=2199-01-01T00:00:00Z";
    for query in ["bucket=week", "from=x", endless] {
        made.admin
            .get(&format!("/api/admin/analytics/{sales}?{query}"))
            .await
            .problem(400, "malformed");
    }
    let unknown = "/api/admin/analytics/events/01890a5d-ac96-774b-bcce-b302099a8057";
    made.admin.get(unknown).await.problem(404, "not_found");
}
