package dev.grain.image;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What an image is known by in a registry.
 *
 * @param registry the host of the registry, with its port if it has one
 * @param repository the path of the image in the registry
 * @param tag the tag; {@code latest} if the name has none
 * @param digest what the content of the image is named by, as in {@code sha256:} and 64 digits;
 *     empty if the name has none, otherwise the tag does not matter
 */
public record ImageName(String registry, String repository, String tag, String digest) {
  /** The registry of names without one. */
  public static final String DOCKER_HUB = "registry-1.docker.io";

  private static final String HUB_PREFIX = "docker.io/";
  private static final String OFFICIAL = "library/";
  private static final String LATEST = "latest";

  private static final Pattern HOST =
      Pattern.compile("([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+])(:[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /**
   * Reads a name as people write it: {@code python:3.12}, {@code ghcr.io/team/train}, {@code
   * localhost:5000/train@sha256:...}. What is before the first slash is a registry if it has a dot
   * or a colon or is {@code localhost}.
   *
   * @throws IllegalArgumentException if it is none; the message says what is wrong with it
   */
  public static ImageName parse(String text) {
    String rest = text.strip();
    String digest = "";
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = rest.substring(at + 1);
      rest = rest.substring(0, at);
      ensure(
          DIGEST.matcher(digest).matches(),
          text,
          "after the @ there has to be a digest, sha256: and 64 hexadecimal digits");
    }
    String registry = DOCKER_HUB;
    int slash = rest.indexOf('/');
    if (slash >= 0 && isHost(rest.substring(0, slash))) {
      registry = rest.substring(0, slash).toLowerCase(Locale.ROOT);
      rest = rest.substring(slash + 1);
      ensure(HOST.matcher(registry).matches(), text, registry + " is no host");
      if (registry.equals("docker.io") || registry.equals("index.docker.io")) {
        registry = DOCKER_HUB;
      }
    }
    String tag = LATEST;
    int colon = rest.lastIndexOf(':');
    if (colon >= 0) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
      ensure(
          TAG.matcher(tag).matches(),
          text,
          "a tag has up to 128 letters, digits, '_', '.' and '-', and begins with none of the last"
              + " two");
    }
    ensure(
        REPOSITORY.matcher(rest).matches(),
        text,
        "the name of a repository has small letters and digits, separated by '/', '.', '_' or '-'");
    if (registry.equals(DOCKER_HUB) && rest.indexOf('/') < 0) {
      rest = OFFICIAL + rest;
    }
    return new ImageName(registry, rest, tag, digest);
  }

  private static boolean isHost(String text) {
    return text.indexOf('.') >= 0
        || text.indexOf(':') >= 0
        || text.toLowerCase(Locale.ROOT).equals("localhost");
  }

  private static void ensure(boolean condition, String text, String reason) {
    if (!condition) {
      throw new IllegalArgumentException(
          "\"%s\" is no name of an image: %s, as in python:3.12 or registry.example.org/team/train:2"
              .formatted(text, reason));
    }
  }

  /** Returns the same with a digest. */
  public ImageName at(String content) {
    if (!DIGEST.matcher(content).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no digest: it has to be sha256: and 64 hexadecimal digits".formatted(content));
    }
    return new ImageName(registry, repository, tag, content);
  }

  /** Returns whether the name has a digest, so that it stands for one content forever. */
  public boolean isFixed() {
    return !digest.isEmpty();
  }

  /** Returns the name for an engine, without tag and digest. */
  public String place() {
    return (registry.equals(DOCKER_HUB) ? HUB_PREFIX : registry + "/") + repository;
  }

  /** Returns what {@link dev.grain.node.prepare.Logins} are asked for. */
  public String loginTarget() {
    return registry + "/" + repository;
  }

  /** Returns the whole name for an engine: with the digest, or else with the tag. */
  public String reference() {
    return place() + (isFixed() ? "@" + digest : ":" + tag);
  }

  /** Returns the whole name with the tag, and with the digest if it has one; to be parsed again. */
  public String full() {
    return place() + ":" + tag + (isFixed() ? "@" + digest : "");
  }

  /** Returns the name as people write it, with the tag and without the digest. */
  public String words() {
    String shown = registry.equals(DOCKER_HUB) ? repository : registry + "/" + repository;
    boolean official = registry.equals(DOCKER_HUB) && shown.startsWith(OFFICIAL);
    return (official ? shown.substring(OFFICIAL.length()) : shown) + ":" + tag;
  }

  @Override
  public String toString() {
    return reference();
  }
}
