package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.grain.client.GrainClient;
import dev.grain.client.GrainClient.NewToken;
import dev.grain.client.GrainClientException;
import dev.grain.client.HeadLocation;
import dev.grain.client.HeadToken;
import dev.grain.client.HeadUser;
import dev.grain.client.JobDetails;
import dev.grain.client.JobFilter;
import dev.grain.client.JobInfo;
import dev.grain.client.JobState;
import dev.grain.key.ServerKey;
import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client of programs, against a head by HTTPS. */
final class ClientTest extends Served {
  private final List<GrainClient> clients = new ArrayList<>();
  private ServerKey key;
  private HttpServer secured;

  @BeforeEach
  void startSecured() throws IOException {
    // the names in the certificate do not matter
    key = ServerKey.loadOrCreate(folder.resolve("data"), List.of("elsewhere.example"));
    secured = HttpServer.start(new HttpSettings("127.0.0.1", 0, Optional.of(key)), services());
  }

  @AfterEach
  void stopSecured() {
    clients.forEach(GrainClient::close);
    secured.close();
  }

  private HeadLocation location() {
    return HeadLocation.of("https://127.0.0.1:" + secured.port());
  }

  private GrainClient client(HeadLocation location) {
    GrainClient made = GrainClient.of(location, Duration.ZERO);
    clients.add(made);
    return made;
  }

  private GrainClient client(String user) {
    return client(
        location()
            .withFingerprint(key.fingerprint())
            .withToken(Objects.requireNonNull(tokens.get(user))));
  }

  private static JobSpec job(String name) {
    return JobSpec.of(WorkSpec.command("true")).withName(name);
  }

  private static GrainClientException failure(Runnable call) {
    GrainClientException failure = catchThrowableOfType(GrainClientException.class, call::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  @Test
  void jobs_areSubmitted_shown_andChanged() {
    GrainClient ada = client("ada");
    JobSpec spec = job("train").withLabels(Map.of("model", "gpt"));
    String id = ada.submit(List.of(spec)).getFirst().id();
    JobDetails details = ada.get(id.substring(id.length() - 3));
    assertThat(details.info().id()).isEqualTo(id);
    assertThat(details.info().name()).isEqualTo("train");
    assertThat(details.info().owner()).isEqualTo("ada");
    assertThat(details.info().state()).isEqualTo(JobState.QUEUED);
    assertThat(details.info().priority()).isEqualTo(100);
    assertThat(details.labels()).isEqualTo(Map.of("model", "gpt"));
    assertThat(details.spec()).isEqualTo(spec);
    assertThat(ada.attempts(id)).isEmpty();
    assertThat(ada.pause(id).state()).isEqualTo(JobState.HELD);
    assertThat(ada.resume(id).state()).isEqualTo(JobState.QUEUED);
    assertThat(ada.prioritize(id, 0.5).id()).isEqualTo(id);
    assertThat(stored(id).priority()).isEqualTo(0.5);
    assertThat(ada.explain(id).text()).isNotEmpty();
    assertThat(ada.cancel(id).state()).isEqualTo(JobState.STOPPING);
    assertThat(ada.get(id).info().state()).isEqualTo(JobState.STOPPING);
  }

  @Test
  void submit_withTheSameKey_storesOnce() {
    GrainClient ada = client("ada");
    List<JobSpec> jobs = List.of(job("a"), job("b"));
    var first = ada.submit("night-1", jobs);
    var second = ada.submit("night-1", jobs);
    assertThat(first).allMatch(GrainClient.Submitted::made);
    assertThat(second).noneMatch(GrainClient.Submitted::made);
    assertThat(second).extracting("id").isEqualTo(first.stream().map(each -> each.id()).toList());
    assertThat(failure(() -> ada.submit("night-1", List.of(job("c")))).type())
        .isEqualTo("key-reused");
  }

  @Test
  void list_walksThePages_ofWhatIsAskedFor() {
    GrainClient ada = client("ada");
    ada.submit(IntStream.range(0, 25).mapToObj(number -> job("n" + number)).toList());
    client("bob").submit(List.of(job("other")));
    List<JobInfo> all = ada.list(JobFilter.ALL, 1000);
    assertThat(all).hasSize(25).extracting(JobInfo::name).startsWith("n24", "n23");
    assertThat(ada.list(JobFilter.ALL.named("n1*"), 1000)).hasSize(11);
    assertThat(ada.list(JobFilter.ALL.states(Set.of(JobState.RUNNING)), 9)).isEmpty();
    assertThat(ada.list(JobFilter.ALL.since(Instant.now().plusSeconds(9999)), 9)).isEmpty();
    var page = ada.page(JobFilter.ALL, 10);
    var rest = ada.page(JobFilter.ALL, 100, page.next());
    assertThat(page.jobs()).hasSize(10);
    assertThat(rest.jobs()).hasSize(15);
    assertThat(rest.next()).isEmpty();
    assertThat(failure(() -> ada.page(JobFilter.ALL.ownedBy("bob"), 1)).type())
        .isEqualTo("forbidden");
    assertThat(client("root").list(JobFilter.ALL.ownedBy("bob"), 9)).hasSize(1);
  }

  @Test
  void usersAndTokens_areMadeAndRemoved() {
    GrainClient root = client("root");
    assertThat(root.me()).isEqualTo(new GrainClient.Me("root", "admin"));
    assertThat(root.addUser("zoe@x", "read").role()).isEqualTo("read");
    assertThat(root.changeRole("zoe@x", "submit").role()).isEqualTo("submit");
    assertThat(root.users()).extracting(HeadUser::name).contains("ada", "zoe@x");
    NewToken token =
        root.createToken(
            "laptop", Optional.of("zoe@x"), Optional.of(Instant.parse("2099-01-01T00:00:00Z")));
    assertThat(token).asString().doesNotContain(token.secret());
    assertThat(token.token().expires()).contains(Instant.parse("2099-01-01T00:00:00Z"));
    GrainClient zoe =
        client(location().withFingerprint(key.fingerprint()).withToken(token.secret()));
    assertThat(zoe.me().name()).isEqualTo("zoe@x");
    assertThat(root.tokens(Optional.of("zoe@x")))
        .extracting(HeadToken::label)
        .containsExactly("laptop");
    zoe.revokeToken(token.token().number());
    assertThat(failure(zoe::me).type()).isEqualTo("unauthenticated");
    root.removeUser("zoe@x");
    assertThat(failure(() -> root.removeUser("zoe@x")).type()).isEqualTo("not-found");
    assertThat(failure(() -> client("ada").users()).type()).isEqualTo("forbidden");
  }

  @Test
  void head_isRecognized_byItsCertificate_orNotAtAll() throws IOException {
    client(location().withCertificate(key.certificate())).ensureHealthy();
    GrainClientException unknown = failure(() -> client(location()).ensureHealthy());
    assertThat(unknown.type()).isEqualTo(GrainClientException.UNTRUSTED);
    assertThat(unknown).hasMessageContaining("grain login https://127.0.0.1:" + secured.port());

    ServerKey other = ServerKey.loadOrCreate(folder.resolve("other"), List.of("127.0.0.1"));
    HeadLocation mistaken = location().withCertificate(other.certificate());
    GrainClientException wrong = failure(() -> client(mistaken).ensureHealthy());
    assertThat(wrong.type()).isEqualTo(GrainClientException.UNTRUSTED);
    assertThat(wrong)
        .hasMessageContaining("has the key " + key.fingerprint())
        .hasMessageContaining("the head has the key " + other.fingerprint());
  }

  @Test
  void head_withoutTls_isNotWhatWasMeant() {
    GrainClientException plain =
        failure(
            () -> client(HeadLocation.of("https://127.0.0.1:" + server.port())).ensureHealthy());
    assertThat(plain.type()).isEqualTo(GrainClientException.UNREACHABLE);
    client(HeadLocation.of("http://127.0.0.1:" + server.port())).ensureHealthy();
  }
}
