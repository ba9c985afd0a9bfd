package dev.grain.wire;

import dev.grain.bytes.Bytes;
import dev.grain.session.WireException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The identity of a process, which it sends at the start of each connection; the accepting side's
 * hello is its welcome. Immutable.
 *
 * <p>What a hello does not contain is an empty text, no bytes, or 0.
 */
public final class Hello implements Greeting {
  /** The version of the protocol; there is nothing that speaks several. */
  public static final int PROTOCOL = 2;

  /** How many names, functions and requests a link keeps by number, unless a side has less room. */
  public static final int INTERNED = 4096;

  private static final String ROLE = "role";

  /** The id of a life of the head; it has this name as a life of a head used to be one run. */
  private static final String HEAD = "run";

  private static final String LASTING = "lasting";
  private static final String ORPHANS = "orphans";
  private static final String SESSION = "session";
  private static final String INCARNATION = "incarnation";
  private static final String NAME = "name";
  private static final String JAVA = "java";
  private static final String RELEASE = "release";
  private static final String CODEC = "codec";
  private static final String OFFER = "offer";
  private static final String LISTEN = "listen";
  private static final String INTERN = "intern";
  private static final String STATUS = "status";
  private static final String REMAINING = "remaining";

  private static final String RECEIVED = "received";
  private static final String DIAL = "dial";

  private final int minVersion;
  private final int maxVersion;
  private final long features;
  private final Role role;
  private final SequencedMap<String, Bytes> fields;

  private Hello(
      int minVersion,
      int maxVersion,
      long features,
      Role role,
      SequencedMap<String, Bytes> fields) {
    this.minVersion = minVersion;
    this.maxVersion = maxVersion;
    this.features = features;
    this.role = role;
    this.fields = Collections.unmodifiableSequencedMap(fields);
  }

  /**
   * Returns the hello of a process that runs on this Java.
   *
   * @param role what it is
   * @param release its release of Grain
   * @param codec the name of how it encodes functions and values
   */
  public static Hello of(Role role, String release, String codec) {
    SequencedMap<String, Bytes> fields = new LinkedHashMap<>();
    fields.put(ROLE, bytes(role.name()));
    fields.put(JAVA, bytes(Integer.toString(Runtime.version().feature())));
    fields.put(RELEASE, bytes(release));
    fields.put(CODEC, bytes(codec));
    return new Hello(PROTOCOL, PROTOCOL, 0, role, fields);
  }

  /**
   * Returns the hello that was received.
   *
   * @throws WireException if a field that must be there is missing or senseless
   */
  static Hello of(int minVersion, int maxVersion, long features, SequencedMap<String, Bytes> fields)
      throws WireException {
    Role role = roleOf(fields.getOrDefault(ROLE, Bytes.empty()).utf8());
    for (String number : List.of(JAVA, LISTEN, INTERN, RECEIVED, DIAL, REMAINING, ORPHANS)) {
      String digits = fields.getOrDefault(number, Bytes.empty()).utf8();
      if (!digits.matches("[0-9]{0,18}")) {
        throw new WireException(
            "The hello contains \""
                + Printable.printable(digits)
                + "\" for the number "
                + number
                + ".");
      }
    }
    return new Hello(minVersion, maxVersion, features, role, fields);
  }

  /** Returns what the process is. */
  public Role role() {
    return role;
  }

  /** Returns the hello of the pulse of this process. */
  Hello asPulse() {
    return as(Role.PULSE, OFFER, RECEIVED, DIAL);
  }

  /** Returns the hello with which this process asks a question, and no more. */
  public Hello asInspector() {
    return as(Role.INSPECTOR, HEAD, LASTING, ORPHANS, SESSION, OFFER, RECEIVED, DIAL);
  }

  private Hello as(Role other, String... without) {
    SequencedMap<String, Bytes> more = new LinkedHashMap<>(fields);
    more.put(ROLE, bytes(other.name()));
    List.of(without).forEach(more::remove);
    return new Hello(minVersion, maxVersion, features, other, more);
  }

  /** Returns the id of this life of the head. */
  public String head() {
    return text(HEAD);
  }

  /** Adds the id of this life of the head. */
  public Hello withHead(String head) {
    return with(HEAD, bytes(head));
  }

  /**
   * Returns the id that all lives of the head have, and its run of detached jobs; empty for a head
   * that ends with its process.
   */
  public String lasting() {
    return text(LASTING);
  }

  /**
   * Returns for how long nodes keep detached jobs of the head while it is away, in milliseconds.
   */
  public long orphans() {
    return number(ORPHANS);
  }

  /**
   * Adds what all lives of the head have in common.
   *
   * @param id the id of the head, which is never that of one of its lives
   * @param orphans for how long nodes keep its detached jobs while it is away, in milliseconds
   */
  public Hello withLasting(String id, long orphans) {
    return with(LASTING, bytes(id)).with(ORPHANS, bytes(Long.toString(orphans)));
  }

  /** Returns the id of the session, which the head makes. */
  public String session() {
    return text(SESSION);
  }

  /** Adds the id of the session. */
  public Hello withSession(String session) {
    return with(SESSION, bytes(session));
  }

  /** Returns the id of this life of the process. */
  public String incarnation() {
    return text(INCARNATION);
  }

  /** Adds the id of this life of the process. */
  public Hello withIncarnation(String incarnation) {
    return with(INCARNATION, bytes(incarnation));
  }

  /** Returns the name of the process, for people. */
  public String name() {
    return text(NAME);
  }

  /** Adds the name of the process, for people. */
  public Hello withName(String name) {
    return with(NAME, bytes(name));
  }

  /** Returns the feature version of the process's Java, such as 25. */
  public int java() {
    return Math.toIntExact(Math.min(number(JAVA), Integer.MAX_VALUE));
  }

  /** Returns the release of Grain, such as 0.1.0. */
  public String release() {
    return text(RELEASE);
  }

  /** Returns the name of how the process encodes functions and values. */
  public String codec() {
    return text(CODEC);
  }

  /** Returns what a worker offers, encoded. */
  public Bytes offer() {
    return fields.getOrDefault(OFFER, Bytes.empty());
  }

  /** Adds what a worker offers, encoded; the whole hello may have at most 64 KiB. */
  public Hello withOffer(Bytes offer) {
    return with(OFFER, offer);
  }

  /** Returns the port at which the process can be dialed on its machine; 0 if it cannot. */
  public int listen() {
    return Math.toIntExact(Math.min(number(LISTEN), Integer.MAX_VALUE));
  }

  /** Adds the port at which the process can be dialed on its machine. */
  public Hello withListen(int port) {
    return with(LISTEN, bytes(Integer.toString(port)));
  }

  /** Returns how many entries a table of interned texts may have. */
  public int intern() {
    return Math.toIntExact(Math.min(number(INTERN), Integer.MAX_VALUE));
  }

  /** Adds how many entries a table of interned texts may have. */
  public Hello withIntern(int entries) {
    return with(INTERN, bytes(Integer.toString(entries)));
  }

  /** Returns whether the session is to go on that there was over an earlier connection. */
  public boolean resumes() {
    return fields.containsKey(RECEIVED);
  }

  /** Returns the number of the last thing received in the session; 0 for a new one. */
  public long received() {
    return number(RECEIVED);
  }

  /** Has the session go on behind the number of the last thing received in it. */
  public Hello withReceived(long number) {
    return with(RECEIVED, bytes(Long.toString(number)));
  }

  /**
   * Returns the number of this dial among those of the process; 0 if that is unknown. Of two hellos
   * of a process that overtake each other, the one with the higher number is the later one.
   */
  public long dial() {
    return number(DIAL);
  }

  /** Adds the number of this dial among those of the process. */
  public Hello withDial(long number) {
    return with(DIAL, bytes(Long.toString(number)));
  }

  /** Returns the status of the process, for people. */
  public String status() {
    return text(STATUS);
  }

  /** Adds what the process is doing, for people. */
  public Hello withStatus(String status) {
    return with(STATUS, bytes(status));
  }

  /**
   * Returns how long the process has left before it is ended, in milliseconds; 0 if that is
   * unknown.
   */
  public long remaining() {
    return number(REMAINING);
  }

  /**
   * Adds how long the process has left before it is ended.
   *
   * @param millis in milliseconds, at least 1
   */
  public Hello withRemaining(long millis) {
    return with(REMAINING, bytes(Long.toString(millis)));
  }

  /** Returns what and who the process is, for people. */
  public String describe() {
    String known = name().isEmpty() ? "" : " " + Printable.printable(name());
    return switch (role) {
      case HEAD -> "head" + known;
      case WORKER -> "worker" + known;
      case INSPECTOR -> "inspector" + known;
      case PULSE -> "pulse" + known;
    };
  }

  int minVersion() {
    return minVersion;
  }

  int maxVersion() {
    return maxVersion;
  }

  long features() {
    return features;
  }

  /** Returns all fields, in the order in which they are sent. */
  SequencedMap<String, Bytes> fields() {
    return fields;
  }

  private Hello with(String field, Bytes value) {
    SequencedMap<String, Bytes> more = new LinkedHashMap<>(fields);
    more.put(field, value);
    return new Hello(minVersion, maxVersion, features, role, more);
  }

  private String text(String field) {
    return fields.getOrDefault(field, Bytes.empty()).utf8();
  }

  private long number(String field) {
    String digits = text(field);
    return digits.isEmpty() ? 0 : Long.parseLong(digits);
  }

  private static Role roleOf(String name) throws WireException {
    for (Role role : Role.values()) {
      if (role.name().equals(name)) {
        return role;
      }
    }
    throw new WireException(
        "The hello names a role that this release does not know: \""
            + Printable.printable(name)
            + "\".");
  }

  static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Tells the fields but the offer. */
  @Override
  public String toString() {
    return describe() + " release " + Printable.printable(release()) + ", Java " + java();
  }

  /** What a process is to the one it talks to. */
  public enum Role {
    /** Has the queue, gives jobs. */
    HEAD,
    /** Runs jobs. */
    WORKER,
    /** Asks what a worker offers and does. */
    INSPECTOR,
    /** Says that the other end of a session is alive, on a connection beside it. */
    PULSE
  }
}
