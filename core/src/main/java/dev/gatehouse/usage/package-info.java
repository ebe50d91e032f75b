/// Who uses which method, with which credential, when last and how often.
///
/// The gate notes each use in [Usage], in memory; [UsageWriter] brings what was noted to the stores
/// every minute; [UsageStore] adds it up. A gate that is killed loses what it noted since, and
/// nothing is counted twice.
package dev.gatehouse.usage;
