/**
 * Runs isolated calls: functions in JVMs of their own, which run one job at a time, end with their
 * worker, and are used again.
 */
package dev.grain.node.isolated;
