/** Byte sequences that may be larger than any one array should be. */
package dev.grain.bytes;
