/** Numbers, sizes, durations and names as people write and read them. */
package dev.grain.text;
