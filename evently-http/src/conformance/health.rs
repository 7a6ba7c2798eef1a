//! How the service says it is.

use super::client::{Target, members};

pub async fn the_service_tells_how_it_is(target: &Target) {
    let guest = target.guest();
    let health = guest.get("/health").await.ok(200);
    assert_eq!(members(&health), ["status", "version", "store", "uptime_seconds"]);
    assert_eq!(health["status"], "ok");
    assert!(health["uptime_seconds"].is_u64());
    guest.get("/health/live").await.ok(200);
    let ready = guest.get("/health/ready").await.ok(200);
    assert_eq!(members(&ready), ["status", "store", "durability"]);
    assert_eq!(ready["store"], health["store"]);
}

pub async fn health_is_not_counted(target: &Target) {
    let bad = target.with_token("bad");
    for path in ["/health", "/health/live", "/health/ready"] {
        let answer = bad.get(path).await;
        answer.ok(200);
        assert_eq!(answer.header("ratelimit"), "");
    }
}
