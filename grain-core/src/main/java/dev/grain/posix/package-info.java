/**
 * What the operating system has and the API of the JDK does not offer: functions of the C library,
 * and signals.
 */
package dev.grain.posix;
