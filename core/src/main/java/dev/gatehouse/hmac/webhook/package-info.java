/// Inbound webhooks: proves that a vendor sent an event, by the signature that the vendor's
/// documents describe.
///
/// **Wire formats.** GitHub: `X-Hub-Signature-256`. Stripe: `Stripe-Signature`. Slack:
/// `X-Slack-Signature` with `X-Slack-Request-Timestamp`. Standard Webhooks: `webhook-signature`
/// with `webhook-id` and `webhook-timestamp`. All are HMAC-SHA-256 over the body, but for GitHub
/// together with a time. A route says whose signature it takes and under which name the secrets are
/// kept.
///
/// **What it proves.** That the holder of the secret sent this body, with this time and id. Nothing
/// else of the request is signed: not the path, not the query, and no other field.
///
/// **Threats.** A replay: a use is recorded by the webhook's name and all that is signed, until its
/// time would refuse it. GitHub signs no time: its bodies are kept for a setting, within which the
/// same body is refused. `X-GitHub-Delivery` does not help: it is not signed, so a thief makes up
/// another. One secret for ever: several live ones are tried during a rotation. A weaker scheme
/// beside the good one: only the good one counts.
package dev.gatehouse.hmac.webhook;
