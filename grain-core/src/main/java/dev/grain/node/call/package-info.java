/**
 * Runs jobs that are calls: functions on threads of this JVM, with what they print, what they know
 * of themselves, and the code that was shipped for them.
 */
package dev.grain.node.call;
