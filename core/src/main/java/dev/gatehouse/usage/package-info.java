/// Records who uses which method, with which credential, when last and how often.
///
/// The gate counts each use in [Usage], in memory. [UsageWriter] writes the counts to the stores
/// every minute, and [UsageStore] adds them up. A gate that is killed loses the uses since the last
/// write. No use is counted twice.
package dev.gatehouse.usage;
