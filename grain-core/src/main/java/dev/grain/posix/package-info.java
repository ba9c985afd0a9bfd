/** Functions of the operating system that the JDK does not offer, found in the C library. */
package dev.grain.posix;
