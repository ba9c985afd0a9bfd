/** The one adaptor to the JDK's structured concurrency, which is a preview in JDK 25. */
package dev.grain.scope;
