package dev.grain.code.bundle;

/**
 * The method that a lambda calls.
 *
 * @param owner the internal name of its class
 * @param method its name and its descriptor
 */
public record EntryPoint(String owner, String method) {}
