"""Topics a field or a finding may have, and those that no figure may ever be scored on.

A topic is set by a person, once, in the dictionary of the programme. The check follows the formula tree: whatever
reaches points, a rank, an adjustment or a veto through any number of indicators is scored.
"""

from __future__ import annotations

from collections.abc import Mapping

from answerable.values.text import Text

__all__ = ["CLINICAL", "OPEN", "PROTECTED", "SAFEGUARDS", "UNSET"]

UNSET = "unset"
"""The topic of an element nobody has looked at, as imports write it: kept as context, never scored."""

OPEN: Mapping[str, Text] = {
    "process": Text(zh="工作过程", en="process control"),
    "staffing": Text(zh="组织与人员", en="staffing and organisation"),
    "training": Text(zh="培训", en="training"),
    "benefit_payment": Text(zh="待遇发放", en="benefits paid"),
    "service_delivery": Text(zh="服务提供", en="services given"),
    "equal_access": Text(zh="均等化服务", en="equal access"),
    "childcare": Text(zh="托育服务", en="childcare"),
    "health_education": Text(zh="健康教育", en="health education"),
    "stock": Text(zh="物资供应", en="stock and supply"),
    "openness": Text(zh="公开", en="openness"),
    "reporting": Text(zh="报送", en="reporting"),
    "verification": Text(zh="核查", en="verification"),
    "correction": Text(zh="整改", en="corrective action"),
    "informed_choice": Text(zh="知情选择", en="informed choice"),
    "method_range": Text(zh="可选方法种类", en="range of methods on offer"),
    "removal_on_request": Text(zh="随到随取", en="removal on request"),
    "privacy": Text(zh="隐私保护", en="privacy"),
    "complaint_resolution": Text(zh="投诉办理", en="complaints resolved"),
    "satisfaction": Text(zh="满意度", en="satisfaction"),
    "national_statistic": Text(zh="国家公布的综合统计数", en="published statistic of a whole country"),
    "rights_violation": Text(zh="侵犯权益（经查实）", en="proven violation of rights"),
    "false_return": Text(zh="报表造假（经查实）", en="proven falsified return"),
}
"""Topics of services, which may be scored."""

CLINICAL: frozenset[str] = frozenset(
    {"contraceptive_user", "method_specific", "client_volume", "informed_choice", "method_range", "removal_on_request"}
)
"""Topics that show that a programme covers clinical family planning."""

SAFEGUARDS: tuple[str, ...] = (
    "informed_choice",
    "method_range",
    "removal_on_request",
    "privacy",
    "complaint_resolution",
)
"""What such a programme must hold, each as a field that is used or as a kind of finding (R10)."""

PROTECTED: Mapping[str, tuple[str, Text]] = {
    "birth": ("R1", Text(zh="出生、生育", en="births and fertility")),
    "pregnancy": ("R1", Text(zh="怀孕", en="pregnancy")),
    "sex_ratio": ("R1", Text(zh="出生性别比", en="sex ratio")),
    "policy_compliance": ("R1", Text(zh="生育政策符合情况", en="compliance with birth policy")),
    "benefit_roster": ("R1", Text(zh="享受待遇名册人数", en="size of a benefit roster")),
    "contraceptive_user": ("R2", Text(zh="避孕人数", en="contraceptive users")),
    "client_volume": ("R2", Text(zh="生殖健康服务人次", en="family planning client volume")),
    "method_specific": ("R3", Text(zh="某一避孕方法", en="a particular method")),
    "procedure": ("R4", Text(zh="手术、孕检", en="procedures and pregnancy checks")),
    "sanction": ("R6", Text(zh="收费、处罚、停发待遇", en="fees, fines, denied benefits")),
    "person_record": ("R7", Text(zh="个人记录", en="records of persons")),
    "collective_liability": ("R8", Text(zh="连带责任", en="collective liability")),
    "planning_figure": ("R9", Text(zh="规划数字", en="planning figures")),
    "complaint_count": ("R11", Text(zh="投诉数量", en="number of complaints")),
    "self_reported_error": ("R11", Text(zh="自报差错", en="errors a unit reports itself")),
    "nutrition_status": ("R9", Text(zh="居民营养状况", en="nutritional status of residents")),
}
"""Topics that may be context at most, each with the rule that refuses to score it; R7 may not even be context."""
