package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.code.Canonical;
import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Names jobs so that the next life of the program finds them again: by the place where they are
 * submitted, what is called with what there, and how often before. Safe for all threads.
 */
final class JobKeys {
  private static final System.Logger LOG = System.getLogger(JobKeys.class.getName());

  /** Changes when anything of what follows does. */
  private static final byte[] BY_CALL =
      ("grain call 1 " + Codec.FORMAT).getBytes(StandardCharsets.US_ASCII);

  private static final byte[] BY_NAME = "grain name 1".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] BY_COMMAND = "grain command 1".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] BY_WORDS =
      ("grain words 1 " + Codec.FORMAT).getBytes(StandardCharsets.US_ASCII);

  private final Codec code;
  private final Bundles bundles;
  // added to by any thread; those that were reported to the user
  private final Set<Bytes> complained = ConcurrentHashMap.newKeySet();

  JobKeys(Codec code, Bundles bundles) {
    this.code = code;
    this.bundles = bundles;
  }

  /**
   * Returns the key of a job, 32 bytes; null if it has none, as its arguments are never the same.
   *
   * @param setting has what its work depends on besides the code of the program: a commit, an image
   * @throws EncodingException if the user's own words cannot be encoded
   */
  @Nullable Bytes of(
      SubmissionPath path,
      Request request,
      JobBody body,
      JobBody.Encoded encoded,
      Order.Setting setting) {
    MessageDigest digest = digest();
    @Nullable Object @Nullable [] words =
        request instanceof JobOptions options ? options.words() : null;
    if (words != null) {
      digest.update(BY_WORDS);
      add(canonicalWords(words), digest);
    } else {
      switch (body) {
        case JobBody.Called called -> {
          Canonical.Form form = canonical(called, encoded);
          if (form == null) {
            return null;
          }
          digest.update(BY_CALL);
          add(bundles.contentHash(form.bundle()), digest);
          add(encoded.content(), digest);
          add(form.bytes(), digest);
        }
        case JobBody.Named _ -> {
          digest.update(BY_NAME);
          if (!encoded.apart()) {
            add(bundles.contentHash(bundles.bundle()), digest);
          }
          add(encoded.content(), digest);
          add(encoded.input(), digest);
        }
        case JobBody.Started _ -> {
          digest.update(BY_COMMAND);
          add(encoded.content(), digest);
          add(encoded.input(), digest);
        }
      }
      if (setting.isPrepared()) {
        add(setting.needs(), digest);
      }
      switch (setting.isolation()) {
        case Isolation.Container(Bytes container) -> add(container, digest);
        case Isolation.Apptainer(Bytes container) -> add(container, digest);
        case Isolation.None _, Isolation.Jvm _ -> {}
      }
    }
    byte[] what = digest.digest();
    digest.update(what);
    digest.update(path.path());
    int occurrence = path.occurrence(ByteBuffer.wrap(what).getLong());
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(occurrence).flip());
    return Bytes.of(digest.digest());
  }

  private Bytes canonicalWords(@Nullable Object[] words) {
    return switch (code.canonical(words)) {
      case Canonical.Form form -> form.bytes();
      case Canonical.None(String reason) ->
          throw new EncodingException(
              "The arguments of JobOptions.key cannot be used: " + reason, null);
    };
  }

  private Canonical.@Nullable Form canonical(JobBody.Called called, JobBody.Encoded encoded) {
    return switch (code.canonical(
        called.function(), called.arguments(), encoded.input(), bundles)) {
      case Canonical.Form form -> form;
      case Canonical.None(String reason) -> {
        if (complained.add(encoded.content())) {
          LOG.log(
              System.Logger.Level.WARNING,
              ("Jobs of %s are not in the journal, so they run again each time the program "
                      + "starts: %s. Give them a key by JobOptions.key(...) to keep their results.")
                  .formatted(Codec.nameOf(called.function()), reason));
        }
        yield null;
      }
    };
  }

  private static void add(Bytes bytes, MessageDigest digest) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(bytes.length()).flip());
    for (byte[] chunk : bytes.chunks()) {
      digest.update(chunk);
    }
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java runtime has SHA-256", e);
    }
  }
}
