package dev.grain.client;

import dev.grain.client.Answer.UnexpectedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the answers of a head stand for. */
final class Readings {
  private Readings() {}

  static JobInfo job(Answer job) throws UnexpectedException {
    return new JobInfo(
        job.text("id"),
        job.maybeText("name").orElse(""),
        job.text("owner"),
        JobState.of(job.text("state")),
        job.maybeText("cause"),
        job.maybeText("message").orElse(""),
        job.decimal("priority"),
        (int) job.number("attempt"),
        job.moment("submitted"),
        job.maybeMoment("started"),
        job.maybeMoment("ended"),
        job.maybeSmall("exitCode"),
        job.maybeSmall("signal"),
        job.maybeNumber("peakMemory"));
  }

  static JobPage page(Answer page) throws UnexpectedException {
    return new JobPage(page.list("jobs", Readings::job), page.maybeText("next"));
  }

  static JobDetails details(Answer job) throws UnexpectedException {
    return new JobDetails(job(job), job.texts("labels"), job.json("spec"));
  }

  static JobAttempt attempt(Answer attempt) throws UnexpectedException {
    return new JobAttempt(
        (int) attempt.number("number"),
        attempt.text("node"),
        attempt.moment("sent"),
        attempt.maybeMoment("started"),
        attempt.maybeMoment("ended"),
        attempt.maybeText("cause"),
        attempt.maybeText("message").orElse(""),
        attempt.maybeSmall("exitCode"),
        attempt.maybeSmall("signal"),
        attempt.maybeNumber("peakMemory"));
  }

  static JobResult result(Answer job) throws UnexpectedException {
    return new JobResult(
        job.text("id"),
        JobState.of(job.text("state")),
        job.maybeText("cause"),
        job.maybeText("message").orElse(""),
        job.maybeSmall("exitCode"),
        job.maybeJson("value"),
        job.maybeText("text"),
        job.maybeJson("encoded").isPresent());
  }

  static GrainClient.Submitted submitted(Answer job) throws UnexpectedException {
    return new GrainClient.Submitted(
        job.text("id"), JobState.of(job.text("state")), job.flag("made"));
  }

  static GrainClient.Changed changed(Answer job) throws UnexpectedException {
    return new GrainClient.Changed(
        job.text("id"), JobState.of(job.text("state")), job.maybeText("message").orElse(""));
  }

  static GrainClient.Explanation explanation(Answer job) throws UnexpectedException {
    return new GrainClient.Explanation(
        job.text("id"), JobState.of(job.text("state")), job.text("text"));
  }

  static GrainClient.Me me(Answer me) throws UnexpectedException {
    return new GrainClient.Me(me.text("name"), me.text("role"));
  }

  static HeadUser user(Answer user) throws UnexpectedException {
    return new HeadUser(user.text("name"), user.text("role"), user.moment("created"));
  }

  static HeadToken token(Answer token) throws UnexpectedException {
    return new HeadToken(
        token.number("number"),
        token.text("owner"),
        token.text("label"),
        token.moment("created"),
        token.maybeMoment("expires"),
        token.maybeMoment("used"));
  }

  static GrainClient.NewToken newToken(Answer token) throws UnexpectedException {
    return new GrainClient.NewToken(token(token), token.text("token"));
  }

  static HeadNode node(Answer node) throws UnexpectedException {
    Map<String, HeadNode.Amount> amounts = new LinkedHashMap<>();
    for (String kind : List.of("cpu", "memory", "gpus")) {
      Optional<HeadNode.Amount> amount = node.maybeObject(kind, Readings::amount);
      amount.ifPresent(known -> amounts.put(kind, known));
    }
    amounts.putAll(node.objects("others", Readings::amount));
    return new HeadNode(
        node.text("id"),
        node.text("name"),
        node.maybeText("address").orElse(""),
        node.text("state"),
        node.moment("since"),
        amounts,
        node.number("jobs"),
        node.maybeText("version").orElse(""));
  }

  private static HeadNode.Amount amount(Answer amount) throws UnexpectedException {
    return new HeadNode.Amount(amount.decimal("total"), amount.decimal("free"));
  }

  static Problem problem(Answer problem) throws UnexpectedException {
    return new Problem(
        problem.maybeText("pointer").orElse(""),
        problem.maybeSmall("line").orElse(0),
        problem.maybeSmall("column").orElse(0),
        problem.text("message"),
        problem.maybeText("expected").orElse(""),
        problem.maybeText("example").orElse(""));
  }

  /** Returns the type of a problem as {@link GrainClientException#type} tells it. */
  static Optional<String> type(Answer problem) throws UnexpectedException {
    String prefix = "urn:grain:problem:";
    return problem
        .maybeText("type")
        .filter(type -> type.startsWith(prefix))
        .map(type -> type.substring(prefix.length()));
  }
}
