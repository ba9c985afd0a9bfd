/**
 * Runs isolated calls: functions in JVMs of their own, which run one job at a time, end with their
 * worker, and are used again. Most are processes of the machine; {@link
 * dev.grain.node.isolated.JvmLauncher} starts others, such as those in containers.
 */
package dev.grain.node.isolated;
