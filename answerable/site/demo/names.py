"""The invented units of the demonstration district: names, kinds and groups. No real place is meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from answerable.values.text import Text

__all__ = ["DISTRICT", "Named", "named_units"]

DISTRICT = Text(zh="示范区", en="Demonstration District")


@dataclass(frozen=True)
class Named:
    """A unit's place in the register: code, name, kind, and the group it is compared within."""

    code: str
    name: Text
    kind: str
    peer_group: str


_COMMUNITIES = """春晖社区|Chunhui Community
和安社区|He'an Community
青禾社区|Qinghe Community
望湖社区|Wanghu Community
新桥社区|Xinqiao Community"""

_ECONOMY = """综合办公室|General Office
发展和改革局|Development and Reform Bureau
财政局|Finance Bureau
统计局|Statistics Bureau
审计局|Audit Bureau
商务局|Commerce Bureau
工业和信息化局|Industry and Information Technology Bureau
科学技术局|Science and Technology Bureau
市场监督管理局|Market Regulation Bureau
国有资产管理局|State Assets Bureau
投资促进局|Investment Promotion Bureau
行政审批局|Administrative Approval Bureau
税务服务局|Tax Service Bureau
金融服务局|Financial Services Bureau
农业农村局|Agriculture and Rural Affairs Bureau
水利局|Water Resources Bureau
林业局|Forestry Bureau
交通运输局|Transport Bureau
自然资源局|Natural Resources Bureau
生态环境局|Ecology and Environment Bureau
住房和城乡建设局|Housing and Construction Bureau
城市管理局|Urban Management Bureau"""

_SOCIETY = """民政局|Civil Affairs Bureau
教育局|Education Bureau
卫生健康局|Health Bureau
人力资源和社会保障局|Human Resources and Social Security Bureau
医疗保障局|Healthcare Security Bureau
公安分局|Public Security Sub-bureau
司法局|Justice Bureau
应急管理局|Emergency Management Bureau
退役军人事务局|Veterans Affairs Bureau
文化和旅游局|Culture and Tourism Bureau
体育局|Sports Bureau
广播电视局|Radio and Television Bureau
信访局|Letters and Calls Bureau
机关事务局|Government Offices Administration
档案局|Archives Bureau
民族宗教局|Ethnic and Religious Affairs Bureau
总工会|Federation of Trade Unions
团委|Youth League Committee
妇女联合会|Women's Federation
残疾人联合会|Disabled Persons' Federation
红十字会|Red Cross Society
工商业联合会|Federation of Industry and Commerce"""

_SCHOOLS = "\n".join(
    f"第{number}{zh}|No. {at} {en}"
    for zh, en, numbers in (
        ("小学", "Primary School", "一二三四五六七八"),
        ("中学", "Middle School", "一二三四五六"),
        ("幼儿园", "Kindergarten", "一二三四五六"),
    )
    for at, number in enumerate(numbers, 1)
)

_HEALTH = """人民医院|People's Hospital
中医医院|Hospital of Traditional Chinese Medicine
妇幼保健院|Maternal and Child Health Hospital
疾病预防控制中心|Centre for Disease Control and Prevention
血液中心|Blood Centre
急救中心|Emergency Centre
东城卫生服务中心|Dongcheng Health Service Centre
西城卫生服务中心|Xicheng Health Service Centre
南城卫生服务中心|Nancheng Health Service Centre
北城卫生服务中心|Beicheng Health Service Centre
新城卫生服务中心|Xincheng Health Service Centre"""

_CULTURE = """图书馆|Library
文化馆|Cultural Centre
博物馆|Museum
体育中心|Sports Centre
青少年宫|Youth Palace
融媒体中心|Media Centre
档案馆|Archives
公园管理处|Parks Office
环境卫生所|Sanitation Station
园林绿化所|Greening Station
市政养护所|Municipal Maintenance Station
公路管理站|Highway Station
水文站|Hydrological Station
气象站|Weather Station
农业技术推广站|Agricultural Extension Station
就业服务中心|Employment Service Centre
社会福利院|Social Welfare Institute
公共资源交易中心|Public Resources Trading Centre
不动产登记中心|Property Registration Centre
救助管理站|Relief Station"""

_PUBLIC_ENTERPRISES = """自来水公司|Water Company
供热公司|Heating Company
燃气公司|Gas Company
公交公司|Bus Company
客运公司|Coach Company
供电公司|Power Company
粮油储备公司|Grain Reserve Company
污水处理厂|Sewage Works
环卫服务公司|Cleaning Service Company
城市建设公司|Urban Construction Company
物业服务公司|Property Service Company
商贸公司|Trading Company
书店|Bookshop
邮政支局|Post Office
通信营业部|Telecom Office"""

_INDUSTRY = """晨光纺织厂|Chenguang Textile Mill
丰禾食品厂|Fenghe Food Works
云岭机械厂|Yunling Machine Works
清泉饮料厂|Qingquan Beverage Works
恒远建材厂|Hengyuan Building Materials Works
明珠电子厂|Mingzhu Electronics Works
长林木业厂|Changlin Timber Works
安和制药厂|Anhe Pharmaceutical Works
金穗面粉厂|Jinsui Flour Mill
青松造纸厂|Qingsong Paper Mill
远航物流公司|Yuanhang Logistics Company
锦程配件厂|Jincheng Parts Works
宏图印刷厂|Hongtu Printing Works
瑞雪冷链公司|Ruixue Cold Chain Company
红叶服装厂|Hongye Garment Works
星海软件公司|Xinghai Software Company
蓝天材料公司|Lantian Materials Company
正和建筑公司|Zhenghe Construction Company
百川水产公司|Baichuan Fisheries Company
绿野园艺公司|Lüye Horticulture Company"""

_GROUPS = (
    ("community", "A", _COMMUNITIES),
    ("department", "B", _ECONOMY),
    ("department", "C", _SOCIETY),
    ("institution", "D", _SCHOOLS),
    ("institution", "E", _HEALTH),
    ("institution", "F", _CULTURE),
    ("enterprise", "G", _PUBLIC_ENTERPRISES),
    ("enterprise", "H", _INDUSTRY),
)


def named_units() -> tuple[Named, ...]:
    """All 135 units by code, 001 to 135: communities, departments, institutions, enterprises."""
    return tuple(
        Named(f"{at:03d}", Text(zh=DISTRICT.zh + zh, en=en), kind, group)
        for at, (kind, group, zh, en) in enumerate(_each(), 1)
    )


def _each() -> Iterator[tuple[str, str, str, str]]:
    for kind, group, lines in _GROUPS:
        for line in lines.splitlines():
            zh, _, en = line.partition("|")
            yield kind, group, zh, en
